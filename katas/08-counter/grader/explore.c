/* SPDX-License-Identifier: MIT
 *
 * explore.c -- the traffic of kata 08 under the schedule explorer.
 *
 *   traffic   threads that add and read, one that only reads, and one that comes when another has ended
 *   small     two adds, of two threads, and a read meanwhile: small enough for an exhaustive search
 *   carry     a sum that goes over 2^32 while it is read
 *
 * Amounts are such that a sum tells which adds it is of: a read is held to its set. What the driver counts for itself
 * lies in quiet functions and orders nothing. */
#include "counter.h"
#include "explore.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { ADDS = 8, READS = 8, ADD_MARK = 0, READ_MARK = 100 };

/* No two sets of these have the same sum, nor has one in which an add is counted twice. */
static const int64_t amounts[ADDS] = {0xffffffff,        2,         -7, INT64_C(1) << 40, INT64_MIN / 2, 1000003,
                                      -INT64_C(5) << 33, 0x7fffffff};

static struct counter *shared;

/* What the driver knows: a bit for each add. Quiet functions only. */
static struct {
    unsigned begun, of_read[READS];
    int adds, reads;
} seen;

EXPLORE_QUIET static int next_add(void) {
    seen.begun |= 1u << seen.adds;
    return seen.adds++;
}

EXPLORE_QUIET static int next_read(void) {
    return seen.reads++;
}

EXPLORE_QUIET static unsigned begun(void) {
    return seen.begun;
}

EXPLORE_QUIET static unsigned of_read(int read) {
    return seen.of_read[read];
}

EXPLORE_QUIET static int reads_so_far(void) {
    return seen.reads;
}

EXPLORE_QUIET static void keep_read(int read, unsigned set) {
    seen.of_read[read] = set;
}

EXPLORE_QUIET static uint64_t sum_of(unsigned set) {
    uint64_t sum = 0;
    for (int i = 0; i < ADDS; i++)
        if (set >> i & 1) sum += (uint64_t)amounts[i];
    return sum;
}

/* The set of begun adds with this sum, or -1. */
EXPLORE_QUIET static int set_of(uint64_t sum) {
    for (unsigned set = 0; set < 1u << ADDS; set++)
        if ((set & ~seen.begun) == 0 && sum_of(set) == sum) return (int)set;
    return -1;
}

static const char *words(char *text, size_t size, unsigned set) {
    size_t used = 0;
    text[0] = 0;
    for (int i = 0; i < ADDS && used < size; i++)
        if (set >> i & 1)
            used += (size_t)snprintf(text + used, size - used, "%s%lld", used ? ", " : "", (long long)amounts[i]);
    return used ? text : "none";
}

static void add(void) {
    int number = next_add();
    explore_lock_free_begin("counter_add");
    counter_add(shared, amounts[number]);
    explore_lock_free_end();
    explore_mark(ADD_MARK + number);
}

/* Adds that happen before now. */
static unsigned due_adds(void) {
    unsigned due = 0;
    for (int i = 0; i < ADDS; i++) due |= (unsigned)(explore_marks_before(ADD_MARK + i) > 0) << i;
    return due;
}

/* Adds in the sets of reads that happen before now. */
static unsigned read_adds(void) {
    unsigned due = 0;
    for (int i = 0; i < reads_so_far(); i++)
        if (explore_marks_before(READ_MARK + i) > 0) due |= of_read(i);
    return due;
}

static void check_set(int64_t sum, int set, unsigned due, unsigned read_before) {
    char all[200], lacking[200];
    if (set < 0)
        explore_fail("counter_read answers %lld, which is no sum of some of the adds %s, each once and whole",
                     (long long)sum, words(all, sizeof all, begun()));
    if (due & ~(unsigned)set)
        explore_fail("counter_read answers %lld, the sum of %s: the add of %s had returned before, and is missing",
                     (long long)sum, words(all, sizeof all, (unsigned)set),
                     words(lacking, sizeof lacking, due & ~(unsigned)set));
    if (read_before & ~(unsigned)set)
        explore_fail("counter_read answers %lld, the sum of %s: an earlier read had the add of %s, this one has not",
                     (long long)sum, words(all, sizeof all, (unsigned)set),
                     words(lacking, sizeof lacking, read_before & ~(unsigned)set));
}

static void read(void) {
    unsigned due = due_adds(), read_before = read_adds();
    int number = next_read();
    explore_lock_free_begin("counter_read");
    int64_t sum = counter_read(shared);
    explore_lock_free_end();
    int set = set_of((uint64_t)sum);
    check_set(sum, set, due, read_before);
    keep_read(number, (unsigned)set);
    explore_mark(READ_MARK + number);
}

static void open_counter(void) {
    shared = counter_new();
    if (!shared) explore_fail("counter_new answers NULL although there is memory");
}

static void close_counter(void) {
    read();
    counter_free(shared);
    shared = NULL;
}

static void *add_some(void *adds) {
    explore_name_thread("adder");
    for (long i = 0; i < (long)adds; i++) add();
    return NULL;
}

static void *read_twice(void *unused) {
    explore_name_thread("reader");
    for (int i = 0; i < 2; i++) read();
    return unused;
}

/* The first adder ends, and the third begins, while others are at work. */
static void run_traffic(void) {
    pthread_t adders[3], reader;
    bool reads = explore_choose(2);
    open_counter();
    if (explore_choose(2)) add();
    for (int i = 0; i < 2; i++) pthread_create(&adders[i], NULL, add_some, (void *)(long)(1 + explore_choose(2)));
    if (reads) pthread_create(&reader, NULL, read_twice, NULL);
    pthread_join(adders[0], NULL);
    pthread_create(&adders[2], NULL, add_some, (void *)(long)(1 + explore_choose(2)));
    if (explore_choose(2)) read();
    pthread_join(adders[2], NULL);
    pthread_join(adders[1], NULL);
    if (reads) pthread_join(reader, NULL);
    close_counter();
}

static void run_small(void) {
    pthread_t adders[2];
    open_counter();
    for (int i = 0; i < 2; i++) pthread_create(&adders[i], NULL, add_some, (void *)1L);
    read();
    for (int i = 0; i < 2; i++) pthread_join(adders[i], NULL);
    close_counter();
}

static void run_carry(void) {
    pthread_t adder;
    open_counter();
    add();
    pthread_create(&adder, NULL, add_some, (void *)1L);
    read();
    read();
    pthread_join(adder, NULL);
    close_counter();
}

const struct explore_scenario explore_scenarios[] = {
    {"traffic", run_traffic}, {"small", run_small}, {"carry", run_carry}, {NULL, NULL}};
