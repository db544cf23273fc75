/* SPDX-License-Identifier: MIT */
/* strings.c -- functions of the C library that write where the learner's code tells
 * them to, and that compilers make no calls of accesses.c of: in the stress build
 * the learner's calls of them come here, and what they write is looked at before. */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "trespass.h"

void *watched_memccpy(void *to, const void *from, int last, size_t size);
void *watched_memccpy(void *to, const void *from, int last, size_t size) {
    forbid_own(to, size), forbid_own(from, size);
    return memccpy(to, from, last, size);
}

void *watched_mempcpy(void *to, const void *from, size_t size);
void *watched_mempcpy(void *to, const void *from, size_t size) {
    forbid_own(to, size), forbid_own(from, size);
    return mempcpy(to, from, size);
}

void watched_bzero(void *to, size_t size);
void watched_bzero(void *to, size_t size) {
    forbid_own(to, size);
    memset(to, 0, size);
}

void watched_explicit_bzero(void *to, size_t size);
void watched_explicit_bzero(void *to, size_t size) {
    forbid_own(to, size);
    explicit_bzero(to, size);
}

#define COPY(name)                                                                                                     \
    char *watched_##name(char *to, const char *from);                                                                  \
    char *watched_##name(char *to, const char *from) {                                                                 \
        forbid_own(to, strlen(from) + 1);                                                                              \
        return name(to, from);                                                                                         \
    }
#define COPY_SOME(name)                                                                                                \
    char *watched_##name(char *to, const char *from, size_t most);                                                     \
    char *watched_##name(char *to, const char *from, size_t most) {                                                    \
        forbid_own(to, most);                                                                                          \
        return name(to, from, most);                                                                                   \
    }

COPY(strcpy)
COPY(stpcpy)
COPY_SOME(strncpy)
COPY_SOME(stpncpy)

char *watched_strcat(char *to, const char *from);
char *watched_strcat(char *to, const char *from) {
    forbid_own(to, strlen(to) + strlen(from) + 1);
    return strcat(to, from);
}

char *watched_strncat(char *to, const char *from, size_t most);
char *watched_strncat(char *to, const char *from, size_t most) {
    forbid_own(to, strlen(to) + strnlen(from, most) + 1);
    return strncat(to, from, most);
}

int watched_vsnprintf(char *to, size_t room, const char *format, va_list words);
int watched_vsnprintf(char *to, size_t room, const char *format, va_list words) {
    va_list again;
    va_copy(again, words);
    size_t needed = (size_t)vsnprintf(NULL, 0, format, again) + 1;
    va_end(again);
    forbid_own(to, needed < room ? needed : room);
    return vsnprintf(to, room, format, words);
}

int watched_snprintf(char *to, size_t room, const char *format, ...);
int watched_snprintf(char *to, size_t room, const char *format, ...) {
    va_list words;
    va_start(words, format);
    int length = watched_vsnprintf(to, room, format, words);
    va_end(words);
    return length;
}

int watched_vsprintf(char *to, const char *format, va_list words);
int watched_vsprintf(char *to, const char *format, va_list words) {
    return watched_vsnprintf(to, INT_MAX, format, words);
}

int watched_sprintf(char *to, const char *format, ...);
int watched_sprintf(char *to, const char *format, ...) {
    va_list words;
    va_start(words, format);
    int length = watched_vsnprintf(to, INT_MAX, format, words);
    va_end(words);
    return length;
}

/* All that such a format asks for are pointers; what it asks for and does not store needs none. */
int watched_vsscanf(const char *from, const char *format, va_list words);
int watched_vsscanf(const char *from, const char *format, va_list words) {
    va_list again;
    va_copy(again, words);
    for (const char *at = format; (at = strchr(at, '%')); at++) {
        at++;
        if (*at == '\0') break;
        if (*at != '%' && *at != '*') forbid_own(va_arg(again, void *), 1);
    }
    va_end(again);
    return vsscanf(from, format, words);
}

int watched_sscanf(const char *from, const char *format, ...);
int watched_sscanf(const char *from, const char *format, ...) {
    va_list words;
    va_start(words, format);
    int found = watched_vsscanf(from, format, words);
    va_end(words);
    return found;
}
