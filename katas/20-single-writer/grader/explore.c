/* SPDX-License-Identifier: MIT */
/* explore.c -- a store under the schedule explorer.
 *
 *   writers   threads that draw a number, write with it, some of them twice, and read
 *
 * The bookkeeping lies in quiet functions and orders nothing; what happens before what is asked of the marks. */
#include <pthread.h>
#include <stddef.h>

#include "explore.h"
#include "single_writer.h"

enum { TOKENS_MAX = 8, DRAWN_MARK = 0, WRITTEN_MARK = 100, READ_MARK = 200 };

static struct store *store;

static struct {
    bool drawn[TOKENS_MAX], begun[TOKENS_MAX];
} seen;

EXPLORE_QUIET static bool draw_first(uint64_t number) {
    bool first = !seen.drawn[number];
    seen.drawn[number] = true;
    return first;
}

EXPLORE_QUIET static void begin_write(uint64_t token) {
    seen.begun[token] = true;
}

/* A write with this token, or a larger one, has begun. */
EXPLORE_QUIET static bool begun_from(uint64_t token) {
    for (uint64_t i = token; i < TOKENS_MAX; i++)
        if (seen.begun[i]) return true;
    return false;
}

EXPLORE_QUIET static bool begun(uint64_t token) {
    return token == 0 || seen.begun[token];
}

/* The largest token under this mark that happens before now. */
static uint64_t largest_before(int mark) {
    for (int token = TOKENS_MAX - 1; token > 0; token--)
        if (explore_marks_before(mark + token) > 0) return (uint64_t)token;
    return 0;
}

static uint64_t draw(void) {
    uint64_t before = largest_before(DRAWN_MARK), number = store_number(store);
    if (number == 0 || number >= TOKENS_MAX)
        explore_fail("store_number answers %u, of at most 4 that were drawn", (unsigned)number);
    if (number <= before)
        explore_fail("store_number answers %u: %u had been answered before", (unsigned)number, (unsigned)before);
    if (!draw_first(number)) explore_fail("store_number answers %u a second time", (unsigned)number);
    explore_mark(DRAWN_MARK + (int)number);
    return number;
}

/* The value has so many bytes as the token says, each of them the token. */
static void write_with(uint64_t token) {
    char bytes[TOKENS_MAX];
    uint64_t before = largest_before(WRITTEN_MARK);
    for (uint64_t i = 0; i < token; i++) bytes[i] = (char)token;
    begin_write(token);
    bool accepted = store_write(store, token, bytes, token);
    if (accepted && before > token)
        explore_fail("store_write accepts token %u: a write with %u had been accepted before", (unsigned)token,
                     (unsigned)before);
    if (!accepted && !begun_from(token + 1))
        explore_fail("store_write refuses token %u, and no write with a larger one has begun", (unsigned)token);
    if (accepted) explore_mark(WRITTEN_MARK + (int)token);
}

static void read_once(void) {
    char bytes[TOKENS_MAX] = {0};
    uint64_t written = largest_before(WRITTEN_MARK), read = largest_before(READ_MARK), token = 99;
    size_t size = store_read(store, &token, bytes, sizeof bytes);
    if (token >= TOKENS_MAX || !begun(token))
        explore_fail("store_read answers token %u, with which nobody has written", (unsigned)token);
    bool whole = size == token;
    for (size_t i = 0; i < token; i++) whole = whole && bytes[i] == (char)token;
    if (!whole) explore_fail("store_read answers token %u, and a value that was not written with it", (unsigned)token);
    if (token < written || token < read)
        explore_fail("store_read answers token %u: %u had been %s before", (unsigned)token,
                     (unsigned)(written > read ? written : read), written > read ? "written" : "read");
    explore_mark(READ_MARK + (int)token);
}

static void *write_some(void *times) {
    explore_name_thread("writer");
    uint64_t token = draw();
    for (long i = 0; i < (long)times; i++) write_with(token);
    read_once();
    return NULL;
}

static void *read_some(void *unused) {
    explore_name_thread("reader");
    for (int i = 0; i < 2; i++) read_once();
    return unused;
}

static void writers(void) {
    pthread_t threads[4];
    int count = 2 + (int)explore_choose(2);
    store = store_new();
    if (!store) explore_fail("store_new answers NULL although there is memory");
    if (explore_choose(2)) write_with(draw());
    for (int i = 0; i < count; i++)
        pthread_create(&threads[i], NULL, write_some, (void *)(long)(1 + explore_choose(2)));
    pthread_create(&threads[count], NULL, read_some, NULL);
    for (int i = 0; i <= count; i++) pthread_join(threads[i], NULL);
    read_once();
    store_free(store);
}

const struct explore_scenario explore_scenarios[] = {{"writers", writers}, {NULL, NULL}};
