/* SPDX-License-Identifier: MIT */
/* strings.c -- functions of the C library that write where the learner's code tells
 * them to, and that compilers make no calls of accesses.c of: in the stress build
 * the learner's calls of them come here, and what they write is looked at before. */
#include <limits.h>
#include <printf.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trespass.h"

void stress_forbid(const volatile void *at, size_t size);
void stress_forbid(const volatile void *at, size_t size) {
    forbid_own(at, size);
}

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

double watched_strtod(const char *text, char **end);
double watched_strtod(const char *text, char **end) {
    if (end) forbid_own(end, sizeof *end);
    return strtod(text, end);
}

float watched_strtof(const char *text, char **end);
float watched_strtof(const char *text, char **end) {
    if (end) forbid_own(end, sizeof *end);
    return strtof(text, end);
}

enum { WORDS_MAX = 64 };

/* %n stores how much has been written so far. */
static void forbid_counting(const char *format, va_list words) {
    int types[WORDS_MAX];
    size_t count = strchr(format, 'n') ? parse_printf_format(format, WORDS_MAX, types) : 0;
    va_list again;
    va_copy(again, words);
    for (size_t i = 0; i < count && i < WORDS_MAX; i++) {
        if (types[i] & PA_FLAG_PTR)
            forbid_own(va_arg(again, void *), 1);
        else if (types[i] == (PA_DOUBLE | PA_FLAG_LONG_DOUBLE))
            (void)va_arg(again, long double);
        else if (types[i] == PA_DOUBLE || types[i] == PA_FLOAT)
            (void)va_arg(again, double);
        else
            (void)va_arg(again, long); /* each takes up a word, an int too */
    }
    va_end(again);
}

int watched_vsnprintf(char *to, size_t room, const char *format, va_list words);
int watched_vsnprintf(char *to, size_t room, const char *format, va_list words) {
    forbid_counting(format, words);
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

#define PRINT(name, own_type, own)                                                                                     \
    int watched_v##name(own_type, const char *format, va_list words);                                                  \
    int watched_v##name(own_type, const char *format, va_list words) {                                                 \
        forbid_counting(format, words);                                                                                \
        return v##name(own, format, words);                                                                            \
    }                                                                                                                  \
    int watched_##name(own_type, const char *format, ...);                                                             \
    int watched_##name(own_type, const char *format, ...) {                                                            \
        va_list words;                                                                                                 \
        va_start(words, format);                                                                                       \
        int length = watched_v##name(own, format, words);                                                              \
        va_end(words);                                                                                                 \
        return length;                                                                                                 \
    }

PRINT(fprintf, FILE *stream, stream)
PRINT(dprintf, int descriptor, descriptor)

int watched_vprintf(const char *format, va_list words);
int watched_vprintf(const char *format, va_list words) {
    return watched_vfprintf(stdout, format, words);
}

int watched_printf(const char *format, ...);
int watched_printf(const char *format, ...) {
    va_list words;
    va_start(words, format);
    int length = watched_vfprintf(stdout, format, words);
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
