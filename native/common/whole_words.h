/* SPDX-License-Identifier: MIT */
/* whole_words.h -- sentences that may be longer than the room for them. */
#ifndef C10KATA_WHOLE_WORDS_H
#define C10KATA_WHOLE_WORDS_H

#include <stdarg.h>
#include <stddef.h>

/* As vsnprintf. What does not fit ends after a whole word, and in "...". */
__attribute__((format(printf, 3, 0))) void whole_words(char *text, size_t size, const char *format, va_list arguments);

#endif
