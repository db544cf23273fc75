/* SPDX-License-Identifier: MIT */
/* transfer.c -- a drill of curriculum/02-synchronization.md: money moves from
 * one account to another, on any thread. It hangs now and then; mend it.
 *
 *     bun kata explore curriculum/drills/transfer.c --driver curriculum/drills/transfer_driver.c */
#include "transfer.h"

void transfer(struct account *from, struct account *to, long cents) {
    if (from == to) return;
    pthread_mutex_lock(&from->lock);
    pthread_mutex_lock(&to->lock);
    from->cents -= cents;
    to->cents += cents;
    pthread_mutex_unlock(&to->lock);
    pthread_mutex_unlock(&from->lock);
}
