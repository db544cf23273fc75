/* SPDX-License-Identifier: MIT */
/* switch_notes.h -- tells the tools that watch a program when it changes
 * stacks: ThreadSanitizer, AddressSanitizer, the schedule explorer. Where none
 * of them watches, all of this is nothing.
 *
 * One `struct switch_note` for each stack:
 *
 *     note_thread(&worker->note);                  on the thread's own stack, once
 *     note_stack(&task->note, lowest, size);       a new stack, before its first turn
 *     note_leave(&from, &to, false);               the last thing before a switch
 *     note_arrive(&mine);                          the first thing behind it, and on a new stack
 *     note_free(&task->note);                      when it is left for ever: note_leave(.., true) was
 *
 * They are part of the function that calls them, and must stay so. */
#ifndef SWITCH_NOTES_H
#define SWITCH_NOTES_H

#include <stdbool.h>
#include <stddef.h>

struct switch_note {
    void *fiber, *fake;
    const void *lowest;
    size_t size;
};

#if defined(__has_feature)
#define SWITCH_NOTES_HAS(tool) __has_feature(tool)
#else
#define SWITCH_NOTES_HAS(tool) 0
#endif
#define SWITCH_NOTE static inline __attribute__((always_inline)) void

#if defined(__SANITIZE_THREAD__) || SWITCH_NOTES_HAS(thread_sanitizer)

void *__tsan_get_current_fiber(void);
void *__tsan_create_fiber(unsigned flags);
void __tsan_destroy_fiber(void *fiber);
void __tsan_switch_to_fiber(void *fiber, unsigned flags);

SWITCH_NOTE note_thread(struct switch_note *n) {
    n->fiber = __tsan_get_current_fiber();
}

SWITCH_NOTE note_stack(struct switch_note *n, void *lowest, size_t size) {
    (void)lowest, (void)size;
    n->fiber = __tsan_create_fiber(0);
}

SWITCH_NOTE note_leave(struct switch_note *from, struct switch_note *to, bool for_good) {
    (void)from, (void)for_good;
    __tsan_switch_to_fiber(to->fiber, 0);
}

SWITCH_NOTE note_arrive(struct switch_note *n) {
    (void)n;
}

SWITCH_NOTE note_free(struct switch_note *n) {
    __tsan_destroy_fiber(n->fiber);
}

#elif defined(__SANITIZE_ADDRESS__) || SWITCH_NOTES_HAS(address_sanitizer)

#include <pthread.h>

void __sanitizer_start_switch_fiber(void **fake, const void *lowest, size_t size);
void __sanitizer_finish_switch_fiber(void *fake, const void **lowest, size_t *size);

SWITCH_NOTE note_thread(struct switch_note *n) {
    pthread_attr_t attributes;
    void *lowest = NULL;
    size_t size = 0;
    if (!pthread_getattr_np(pthread_self(), &attributes)) {
        pthread_attr_getstack(&attributes, &lowest, &size);
        pthread_attr_destroy(&attributes);
    }
    *n = (struct switch_note){NULL, NULL, lowest, size};
}

SWITCH_NOTE note_stack(struct switch_note *n, void *lowest, size_t size) {
    *n = (struct switch_note){NULL, NULL, lowest, size};
}

SWITCH_NOTE note_leave(struct switch_note *from, struct switch_note *to, bool for_good) {
    __sanitizer_start_switch_fiber(for_good ? NULL : &from->fake, to->lowest, to->size);
}

SWITCH_NOTE note_arrive(struct switch_note *n) {
    __sanitizer_finish_switch_fiber(n->fake, NULL, NULL);
    n->fake = NULL;
}

SWITCH_NOTE note_free(struct switch_note *n) {
    (void)n;
}

#else

SWITCH_NOTE note_thread(struct switch_note *n) {
    (void)n;
}

SWITCH_NOTE note_stack(struct switch_note *n, void *lowest, size_t size) {
    (void)n, (void)lowest, (void)size;
}

SWITCH_NOTE note_leave(struct switch_note *from, struct switch_note *to, bool for_good) {
    (void)from, (void)to, (void)for_good;
}

SWITCH_NOTE note_arrive(struct switch_note *n) {
    (void)n;
}

SWITCH_NOTE note_free(struct switch_note *n) {
    (void)n;
}

#endif

#undef SWITCH_NOTE
#endif
