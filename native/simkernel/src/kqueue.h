/* SPDX-License-Identifier: MIT */
/* kqueue.h -- entries of kqueues: made by kqueue_changes.c, told by kqueue.c. */
#ifndef KQUEUE_H
#define KQUEUE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/event.h>

#include "file.h"

/* How an entry reports: what a second EV_ADD may not change. */
#define EV_MANNER (EV_CLEAR | EV_ONESHOT | EV_DISPATCH)

/* One entry: known by descriptor number and filter, so it goes with the close of
 * that number, whoever has duplicates. `set` is what the program gave. */
struct knote {
    struct file *queue, *file; /* without a queue: free; without a file: a timer, a user event */
    struct kevent set;
    bool disabled, queued, triggered;
    uint64_t expirations;
    struct knote *next;
};

enum { MAX_KNOTES = 512 };

struct knote *knote_find(const struct file *queue, const struct kevent *);
struct knote *knote_new(struct file *queue, struct file *, const struct kevent *);
void knote_drop(struct knote *);
/* Has it something to tell now? Then it comes to the end of its queue. */
void knote_look(struct knote *);
void knote_disable(struct knote *);
void knote_timer(struct knote *); /* (re)starts it */

/* What kevent's changes come to: EV_ERRORs; -1 and errno. */
int kqueue_change_all(struct file *queue, const struct kevent *changes, int count, struct kevent *events, int most);
/* Events that there are; `told` for the trace. */
int kqueue_collect(struct file *queue, struct kevent *events, int most);
extern char kqueue_told[64];

#endif
