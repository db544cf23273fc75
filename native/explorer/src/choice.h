/* SPDX-License-Identifier: MIT
 *
 * choice.h -- the one place where an execution can go two ways.
 *
 * Every choice is a call of choose(). Option 0 is always the plain one: the same thread goes on, a
 * load returns the newest value, nothing fails. Choices are recorded; the record replays the
 * execution, whoever made them, and setting entries of it to 0 simplifies it (shrink.c). */
#ifndef CHOICE_H
#define CHOICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum choice_kind {
    CHOOSE_THREAD,
    CHOOSE_STORE,         /* how far back a load looks */
    CHOOSE_WAITER,        /* whom a signal wakes */
    CHOOSE_SPURIOUS_WAKE, /* 0: nobody */
    CHOOSE_SPURIOUS_CAS,
    CHOOSE_TIMEOUT, /* 0: time does not jump to a deadline */
    CHOOSE_MALLOC_FAILURE,
    CHOOSE_THREAD_FAILURE,
    CHOOSE_PARK,
    CHOOSE_REUSE,
    CHOOSE_DRIVER,
    CHOICE_KINDS
};

enum { MAX_CHOICES = 1 << 16 };

struct choices {
    uint32_t count;
    uint8_t taken[MAX_CHOICES];
    uint8_t kind[MAX_CHOICES];
};

extern struct choices record; /* of the current execution */

/* A number in [0, options). At most 255 options. */
unsigned choose(enum choice_kind, unsigned options);

/* Who answers from now on. */
typedef unsigned (*choice_source)(enum choice_kind, unsigned options);
void choices_reset(choice_source);

/* Answers what `script` holds, and 0 beyond its end. */
extern struct choices script;
unsigned answer_from_script(enum choice_kind, unsigned options);

/* A script as text, "x" and its entries that are not 0: "x17.1-32.2". Reading answers false when
 * the text is not one. */
void script_print(const struct choices *, char *text, size_t size);
bool script_read(struct choices *, const char *text);

/* The random numbers of one seed. */
void random_seed(uint64_t seed);
uint32_t random_below(uint32_t bound);

#endif
