/* SPDX-License-Identifier: MIT
 *
 * choice.h -- the one place where an execution can go two ways.
 *
 * Every choice is a call of choose(). Option 0 is always the plain one. Choices are recorded; the record replays the
 * execution, whoever made them, and setting entries of it to 0 simplifies it (shrink.c). Which kinds of choices there
 * are, and who answers them, is the engine's. */
#ifndef CHOICE_H
#define CHOICE_H

#include <stdint.h>

enum { MAX_CHOICES = 1 << 16 };

struct choices {
    uint32_t count;
    uint8_t taken[MAX_CHOICES];
    uint8_t kind[MAX_CHOICES];
};

extern struct choices record; /* of the current execution; what does not fit is left out */

/* Who answers from now on, into a new record. It is asked where there are two options or more. */
typedef unsigned (*choice_source)(unsigned kind, unsigned options);
void choices_begin(choice_source);

extern choice_source choices_from; /* for choose() */

/* A number in [0, options). At most 256 options. Inline: some programs do little else. */
static inline unsigned choose(unsigned kind, unsigned options) {
    unsigned taken = options > 1 ? choices_from(kind, options) : 0;
    if (record.count < MAX_CHOICES) {
        record.kind[record.count] = (uint8_t)kind;
        record.taken[record.count++] = (uint8_t)taken;
    }
    return taken;
}

/* For sources that replay: what `script` holds for the choice to come, and 0 beyond its end. Where choices before it
 * went another way than they did, it may exceed the options. */
extern struct choices script;
unsigned script_entry(void);

#endif
