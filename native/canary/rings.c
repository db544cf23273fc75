/* SPDX-License-Identifier: MIT */
/* rings.c -- may a program here use io_uring? The exit code is the errno. */
#include <errno.h>
#include <linux/io_uring.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    struct io_uring_params params = {0};
    return syscall(SYS_io_uring_setup, 2, &params) < 0 ? errno : 0;
}
