/* SPDX-License-Identifier: MIT
 *
 * string_calls.c -- library functions that touch the caller's memory: the accesses they make are
 * those of the caller. Functions on strings not listed here run unwatched (models.c, is_harmless).
 */
#include "definedness.h"
#include "models.h"
#include "shadow.h"
#include "subject.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void reads(const void *from, size_t size, uint32_t pc) {
    shadow_access((uintptr_t)from, size, PLAIN_READ, pc, "reads");
    definedness_read_range((uintptr_t)from, size, pc);
}

static void writes(void *to, size_t size, uint32_t pc) {
    shadow_access((uintptr_t)to, size, PLAIN_WRITE, pc, "writes");
    definedness_set((uintptr_t)to, size);
}

/* What was never written is copied as such: nothing depends on it yet. */
static void copies(void *to, const void *from, size_t size, uint32_t pc) {
    shadow_access((uintptr_t)from, size, PLAIN_READ, pc, "reads");
    writes(to, size, pc);
    definedness_copy((uintptr_t)to, (uintptr_t)from, size);
}

void *model_memcpy(void *to, const void *from, size_t size) {
    copies(to, from, size, CALLER);
    return memcpy(to, from, size);
}

void *model_memmove(void *to, const void *from, size_t size) {
    copies(to, from, size, CALLER);
    return memmove(to, from, size);
}

void *model_memset(void *to, int byte, size_t size) {
    writes(to, size, CALLER);
    return memset(to, byte, size);
}

void model_bzero(void *to, size_t size) {
    writes(to, size, CALLER);
    memset(to, 0, size);
}

int model_memcmp(const void *one, const void *other, size_t size) {
    reads(one, size, CALLER);
    reads(other, size, CALLER);
    return memcmp(one, other, size);
}

size_t model_strlen(const char *text) {
    size_t length = strlen(text);
    reads(text, length + 1, CALLER);
    return length;
}

int model_strcmp(const char *one, const char *other) {
    reads(one, strlen(one) + 1, CALLER);
    reads(other, strlen(other) + 1, CALLER);
    return strcmp(one, other);
}

int model_strncmp(const char *one, const char *other, size_t limit) {
    reads(one, strnlen(one, limit), CALLER);
    reads(other, strnlen(other, limit), CALLER);
    return strncmp(one, other, limit);
}

char *model_strcpy(char *to, const char *from) {
    size_t size = strlen(from) + 1;
    reads(from, size, CALLER);
    writes(to, size, CALLER);
    return memcpy(to, from, size);
}

char *model_strncpy(char *to, const char *from, size_t size) {
    reads(from, strnlen(from, size), CALLER);
    writes(to, size, CALLER);
    return strncpy(to, from, size);
}

void *model_mempcpy(void *to, const void *from, size_t size) {
    copies(to, from, size, CALLER);
    return mempcpy(to, from, size);
}

char *model_stpcpy(char *to, const char *from) {
    size_t size = strlen(from) + 1;
    reads(from, size, CALLER);
    writes(to, size, CALLER);
    return stpcpy(to, from);
}

static char *appends(char *to, const char *from, size_t length, uint32_t pc) {
    size_t before = strlen(to);
    reads(to, before + 1, pc);
    reads(from, length, pc);
    writes(to + before, length + 1, pc);
    *(char *)mempcpy(to + before, from, length) = 0;
    return to;
}

char *model_strcat(char *to, const char *from) {
    return appends(to, from, strlen(from), CALLER);
}

char *model_strncat(char *to, const char *from, size_t limit) {
    return appends(to, from, strnlen(from, limit), CALLER);
}

/* As far as it has to look. */
void *model_memchr(const void *in, int byte, size_t size) {
    const char *found = memchr(in, byte, size);
    reads(in, found ? (size_t)(found - (const char *)in) + 1 : size, CALLER);
    return memchr(in, byte, size);
}

char *model_strchr(const char *in, int character) {
    const char *found = strchr(in, character);
    reads(in, found ? (size_t)(found - in) + 1 : strlen(in) + 1, CALLER);
    return strchr(in, character);
}

char *model_strrchr(const char *in, int character) {
    reads(in, strlen(in) + 1, CALLER);
    return strrchr(in, character);
}

char *model_strstr(const char *in, const char *what) {
    size_t length = strlen(what);
    const char *found = strstr(in, what);
    reads(what, length + 1, CALLER);
    reads(in, found ? (size_t)(found - in) + length : strlen(in) + 1, CALLER);
    return strstr(in, what);
}

/* The text is written here; what the arguments point to is read unwatched. */
static int prints_to(char *to, size_t size, const char *format, va_list arguments, uint32_t pc) {
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    size_t written = length < 0 ? 0 : (size_t)length + 1;
    writes(to, written < size ? written : size, pc);
    return vsnprintf(to, size, format, arguments);
}

int model_vsnprintf(char *to, size_t size, const char *format, va_list arguments) {
    return prints_to(to, size, format, arguments, CALLER);
}

int model_vsprintf(char *to, const char *format, va_list arguments) {
    return prints_to(to, INT_MAX, format, arguments, CALLER);
}

int model_snprintf(char *to, size_t size, const char *format, ...) {
    uint32_t pc = CALLER;
    va_list arguments;
    va_start(arguments, format);
    int length = prints_to(to, size, format, arguments, pc);
    va_end(arguments);
    return length;
}

int model_sprintf(char *to, const char *format, ...) {
    uint32_t pc = CALLER;
    va_list arguments;
    va_start(arguments, format);
    int length = prints_to(to, INT_MAX, format, arguments, pc);
    va_end(arguments);
    return length;
}

/* The text is read here; what the arguments point to is written unwatched. */
int model_sscanf(const char *text, const char *format, ...) {
    reads(text, strlen(text) + 1, CALLER);
    va_list arguments;
    va_start(arguments, format);
    int count = vsscanf(text, format, arguments);
    va_end(arguments);
    return count;
}
