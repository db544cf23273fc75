/* SPDX-License-Identifier: MIT */
/* store_calls.c -- scripted calls of a store. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"

/* `size` bytes, all of them `byte`, which are gone when the call returns. */
int script_put(struct store *store, uint64_t token, uint64_t byte, uint64_t size);
int script_put(struct store *store, uint64_t token, uint64_t byte, uint64_t size) {
    char *bytes = size ? malloc(size) : NULL;
    if (size) memset(bytes, (int)byte, size);
    int accepted = store_write(store, token, bytes, size);
    if (size) memset(bytes, 0xee, size);
    free(bytes);
    return accepted;
}

/* "3 bytes of 7, token 2": what is stored, read into `room` bytes. */
const char *script_get(struct store *store, uint64_t room);
const char *script_get(struct store *store, uint64_t room) {
    static char text[160];
    unsigned char *bytes = malloc(room + 1);
    uint64_t token = UINT64_MAX;
    if (!bytes) return "no memory to read into";
    memset(bytes, 0xcc, room + 1);
    size_t size = store_read(store, &token, bytes, room), copied = size < room ? size : room;
    bool alike = true, beyond = false;
    for (size_t i = 0; i < copied; i++) alike = alike && bytes[i] == bytes[0];
    for (size_t i = copied; i <= room; i++) beyond = beyond || bytes[i] != 0xcc;
    snprintf(text, sizeof text, "%zu bytes of %d, token %" PRIu64 "%s%s", size, copied ? bytes[0] : 0, token,
             alike ? "" : ", of several writes", beyond ? ", more copied than there is room" : "");
    free(bytes);
    return text;
}

/* store_read without room for the token. */
uint64_t script_size(struct store *store);
uint64_t script_size(struct store *store) {
    return store_read(store, NULL, NULL, 0);
}
