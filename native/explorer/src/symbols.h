/* SPDX-License-Identifier: MIT
 *
 * symbols.h -- names of the subject's variables, and its sections. */
#ifndef SYMBOLS_H
#define SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

/* The variable that the byte at this offset in the subject belongs to, static ones too, how far into it the byte is,
 * and its size. NULL if the subject has no symbol table or no variable there. */
const char *symbol_at(uintptr_t subject_offset, size_t *offset, size_t *size_bytes);

/* Calls visit for each variable: its name, its offset in the subject, its size. */
void symbols_each(void (*visit)(const char *name, uintptr_t subject_offset, size_t size_bytes));

/* How large a section is, and where it starts, as an offset in the subject; 0: there is none of that name. */
size_t symbols_section(const char *name, uintptr_t *start);

#endif
