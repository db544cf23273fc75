/* SPDX-License-Identifier: MIT */
#ifndef TRANSFER_H
#define TRANSFER_H

#include <pthread.h>

struct account {
    pthread_mutex_t lock;
    long cents; /* guarded by `lock` */
};

/* Any thread. Nobody sees money that has left one account and not yet come to the other. */
void transfer(struct account *from, struct account *to, long cents);

#endif
