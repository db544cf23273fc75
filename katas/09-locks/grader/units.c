/* SPDX-License-Identifier: MIT */
/* units.c -- a semaphore with many units.
 *
 *   units
 *
 * So many units are brought one by one, and taken again. Then, if an up has always added the same to one word and
 * changed no other, that word is set forward as if nearly MOST units had been brought, and the rest are brought.
 *
 * Evidence: `brought` and `taken`, `left` (1: one more could be taken); `forward`, 1 if the word was set forward;
 * `most_taken` of SOME units then, and `last_taken` of three that are left, with `too_many` 1 if there was a fourth. */
#include <string.h>

#include "driver.h"
#include "evidence.h"
#include "graders_own.h"

#define MANY (1u << 20)
#define MOST 2147483647u
#define SOME 1000u

static HANDED_OVER struct sem s;

/* The word to which an up adds `*each`, or -1. */
static int counting_word(uint32_t *each) {
    int word = -1;
    for (int tries = 0; tries < 100; tries++) {
        struct sem before = s;
        sem_up(&s);
        for (int i = 0; i < LOCK_WORDS; i++) {
            uint32_t more = s.word[i] - before.word[i];
            if (more != 0 && (tries > 0 && (i != word || more != *each))) return -1;
            if (more != 0 && tries == 0 && word >= 0) return -1;
            if (more != 0) word = i, *each = more;
        }
    }
    return word;
}

static uint64_t take(uint64_t most) {
    uint64_t taken = 0;
    while (taken < most && sem_try_down(&s)) taken++;
    return taken;
}

void units(uint64_t seed) {
    (void)seed;
    uint32_t each = 0;
    for (uint32_t i = 0; i < MANY; i++) sem_up(&s);
    evidence_count("brought", MANY);
    evidence_count("taken", take(MANY));
    evidence_count("left", take(1));
    int word = counting_word(&each);
    evidence_count("forward", word >= 0);
    if (word < 0) return;
    s.word[word] += each * (MOST - 100 - SOME);
    for (uint32_t i = 0; i < SOME; i++) sem_up(&s);
    evidence_count("most_taken", take(SOME));
    s.word[word] -= each * (MOST - SOME - 3);
    evidence_count("last_taken", take(3));
    evidence_count("too_many", take(1));
}
