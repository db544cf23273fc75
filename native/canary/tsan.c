/* SPDX-License-Identifier: MIT */
/* tsan.c -- does ThreadSanitizer work on this machine? With an argument two
 * threads write one variable unordered, which must be reported; without, they
 * take turns under a mutex, which must not. */
#include <pthread.h>
#include <stddef.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int racy, shared;

static void *work(void *argument) {
    for (int i = 0; i < 1000; i++) {
        pthread_mutex_lock(&lock);
        shared++;
        pthread_mutex_unlock(&lock);
        if (argument) shared++;
    }
    return NULL;
}

int main(int argc, char **argv) {
    (void)argv;
    pthread_t other;
    racy = argc > 1;
    if (pthread_create(&other, NULL, work, racy ? &racy : NULL) != 0) return 1;
    work(racy ? &racy : NULL);
    return pthread_join(other, NULL);
}
