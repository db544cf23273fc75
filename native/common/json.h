/* SPDX-License-Identifier: MIT
 *
 * json.h -- writing JSON, one value after another. Keys and commas are put where they belong. */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stdio.h>

struct json {
    FILE *file;
    bool comma;
};

/* `key` is NULL inside arrays. */
void json_open(struct json *, const char *key, char bracket);
void json_close(struct json *, char bracket);
void json_string(struct json *, const char *key, const char *value);
void json_number(struct json *, const char *key, double value);
void json_bool(struct json *, const char *key, bool value);

#endif
