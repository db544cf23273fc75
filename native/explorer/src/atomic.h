/* SPDX-License-Identifier: MIT
 *
 * atomic.h -- C11 atomics: what a load may return, and what it then knows.
 *
 * Each atomic location keeps its latest stores. A load may return any of them that C11 does not
 * forbid, given what the loading thread knows. Orders are the __ATOMIC_ numbers. README.md lists
 * what of C11 is out of reach. */
#ifndef ATOMIC_H
#define ATOMIC_H

#include "stores.h"

enum update { UPDATE_EXCHANGE, UPDATE_ADD, UPDATE_SUB, UPDATE_AND, UPDATE_OR, UPDATE_XOR, UPDATE_NAND };

/* What the update makes of `old`, in so many bytes. */
word atomic_updated(enum update, word old, word operand, unsigned size_bytes);

word atomic_load_word(const volatile void *, unsigned size_bytes, int order, uint32_t pc);

/* The same by the kernel on the running thread's behalf, which does not synchronise, and without a scheduling point. */
word atomic_look(const volatile void *, unsigned size_bytes, uint32_t pc, const char *what);
void atomic_store_word(volatile void *, unsigned size_bytes, word value, int order, uint32_t pc);

/* The value before. */
word atomic_update_word(volatile void *, unsigned size_bytes, enum update, word operand, int order, uint32_t pc);

/* *expected receives the value found. */
bool atomic_cas_word(volatile void *, unsigned size_bytes, word *expected, word desired, int order, int failure_order,
                     bool weak, uint32_t pc);

#endif
