/* SPDX-License-Identifier: MIT */
/* whole_words.c -- see whole_words.h. */
#include "whole_words.h"

#include <stdio.h>
#include <string.h>

#define CUT " ..."

void whole_words(char *text, size_t size, const char *format, va_list arguments) {
    int length = vsnprintf(text, size, format, arguments);
    if (length < (int)size) return;
    char *end = text + size - sizeof CUT;
    while (end > text && *end != ' ') end--;
    strcpy(end > text ? end : text + size - sizeof CUT, CUT); /* one long word is cut */
}
