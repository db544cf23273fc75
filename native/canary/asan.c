/* SPDX-License-Identifier: MIT */
/* asan.c -- does AddressSanitizer work on this machine? With an argument it
 * reads freed memory, which must be reported; without, it must stay silent. */
#include <stdlib.h>

int main(int argc, char **argv) {
    (void)argv;
    volatile int *p = malloc(sizeof *p);
    if (!p) return 1;
    *p = 7;
    int before = *p;
    if (argc == 1) return free((void *)p), before != 7;
    free((void *)p);
    return *p == before;
}
