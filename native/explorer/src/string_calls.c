/* SPDX-License-Identifier: MIT
 *
 * string_calls.c -- library functions that touch the caller's memory: the accesses they make are
 * those of the caller. Functions on strings not listed here run unwatched (models.c, is_harmless).
 */
#include "definedness.h"
#include "models.h"
#include "shadow.h"
#include "subject.h"

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
