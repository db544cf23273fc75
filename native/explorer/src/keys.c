/* SPDX-License-Identifier: MIT
 *
 * keys.c -- thread-specific values, and the subject's _Thread_local variables. */
#include "keys.h"

#include "footprint.h"
#include "models.h"
#include "subject.h"
#include "thread.h"
#include "verdict.h"

#include <errno.h>
#include <string.h>

enum { DESTRUCTOR_ROUNDS = 4 }; /* PTHREAD_DESTRUCTOR_ITERATIONS */

static struct {
    bool used;
    void (*destructor)(void *);
} keys[THREAD_KEYS];

void keys_reset(void) {
    memset(keys, 0, sizeof keys);
}

static bool destroy_round(void) {
    bool any = false;
    for (int i = 0; i < THREAD_KEYS; i++) {
        void *value = running->keys[i];
        if (!value || !keys[i].used || !keys[i].destructor) continue;
        running->keys[i] = NULL;
        keys[i].destructor(value);
        any = true;
    }
    return any;
}

void keys_destroy_values(void) {
    for (int round = 0; round < DESTRUCTOR_ROUNDS && destroy_round(); round++) {
    }
}

int model_pthread_key_create(unsigned *key, void (*destructor)(void *)) {
    touch(TOUCHED_KEYS, 1, WRITES);
    for (unsigned i = 0; i < THREAD_KEYS; i++) {
        if (keys[i].used) continue;
        keys[i].used = true;
        keys[i].destructor = destructor;
        for (int t = 0; t < thread_count; t++) threads[t].keys[i] = NULL;
        *key = i;
        return 0;
    }
    return EAGAIN;
}

int model_pthread_key_delete(unsigned key) {
    touch(TOUCHED_KEYS, 1, WRITES);
    if (key >= THREAD_KEYS || !keys[key].used) return EINVAL;
    keys[key].used = false;
    return 0;
}

void *model_pthread_getspecific(unsigned key) {
    touch(TOUCHED_KEYS, 1, READS);
    return key < THREAD_KEYS ? running->keys[key] : NULL;
}

int model_pthread_setspecific(unsigned key, const void *value) {
    touch(TOUCHED_KEYS, 1, READS);
    if (key >= THREAD_KEYS || !keys[key].used) return EINVAL;
    running->keys[key] = (void *)(uintptr_t)value;
    return 0;
}

/* How position-independent code finds a thread-local variable. Each fiber has its own block, at its
 * own address, so one thread may hand another a pointer into it. */
void *model_tls_get_addr(const size_t index[2]) {
    return running->tls + index[1];
}
