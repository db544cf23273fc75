/* SPDX-License-Identifier: MIT */
/* explore_rwlock.c -- readers and writers.
 *
 *   traffic    readers and writers on plain data
 *   late       one reads, a writer waits, and a reader comes: the writer has the lock before it
 *   one_only   one writes, a writer and a reader wait: the reader has the lock before the second writer */
#include "explore.h"
#include "explored.h"
#include "locks.h"

#include <pthread.h>

enum { THREADS = 3 };

static struct rw lock;
static int first, second; /* plain: whoever writes */

/* What the driver knows. Quiet functions only. */
static int entered, order[2];

EXPLORE_QUIET static void note_entry(int who) {
    if (entered < 2) order[entered++] = who;
}

EXPLORE_QUIET static int entry(int place) {
    return order[place];
}

static void write_once(void) {
    rw_write_lock(&lock);
    first++;
    second = first;
    rw_write_unlock(&lock);
}

static void read_once(void) {
    rw_read_lock(&lock);
    if (first != second) explore_fail("a reader found data that a writer was in the middle of changing");
    rw_read_unlock(&lock);
}

static void *some_calls(void *unused) {
    for (unsigned i = 1 + explore_choose(2); i > 0; i--) {
        if (explore_choose(2))
            write_once();
        else
            read_once();
    }
    return unused;
}

static void traffic(void) {
    pthread_t threads[THREADS];
    int count = 2 + (int)explore_choose(THREADS - 1);
    for (int i = 0; i < count; i++) pthread_create(&threads[i], NULL, some_calls, NULL);
    for (int i = 0; i < count; i++) pthread_join(threads[i], NULL);
}

enum { READER = 1, WRITER };

static void *enter_to_read(void *unused) {
    rw_read_lock(&lock);
    note_entry(READER);
    rw_read_unlock(&lock);
    return unused;
}

static void *enter_to_write(void *unused) {
    rw_write_lock(&lock);
    note_entry(WRITER);
    rw_write_unlock(&lock);
    return unused;
}

static void late(void) {
    pthread_t writer, reader;
    rw_read_lock(&lock);
    pthread_create(&writer, NULL, enter_to_write, NULL);
    explore_wait_idle(0);
    pthread_create(&reader, NULL, enter_to_read, NULL);
    if (explore_choose(2)) explore_wait_idle(0);
    rw_read_unlock(&lock);
    pthread_join(writer, NULL);
    pthread_join(reader, NULL);
    if (entry(0) != WRITER) explore_fail("a writer waited, and a reader that came later had the lock before it");
}

static void one_only(void) {
    pthread_t writer, reader;
    bool reader_first = explore_choose(2);
    rw_write_lock(&lock);
    if (reader_first) pthread_create(&reader, NULL, enter_to_read, NULL);
    if (reader_first) explore_wait_idle(0);
    pthread_create(&writer, NULL, enter_to_write, NULL);
    if (!reader_first) explore_wait_idle(0);
    if (!reader_first) pthread_create(&reader, NULL, enter_to_read, NULL);
    explore_wait_idle(0);
    rw_write_unlock(&lock);
    pthread_join(writer, NULL);
    pthread_join(reader, NULL);
    if (entry(0) != READER) explore_fail("a reader waited for one writer, and a second one had the lock before it");
}

void explore_rwlock(void) {
    unsigned way = explore_choose(3);
    if (way == 0) traffic();
    if (way == 1) late();
    if (way == 2) one_only();
}
