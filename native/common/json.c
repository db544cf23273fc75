/* SPDX-License-Identifier: MIT
 *
 * json.c -- RFC 8259. Strings are taken as UTF-8; control characters are escaped. */
#include "json.h"

static void quote(FILE *file, const char *text) {
    fputc('"', file);
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        if (*at == '"' || *at == '\\')
            fprintf(file, "\\%c", *at);
        else if (*at < 0x20)
            fprintf(file, "\\u%04x", *at);
        else
            fputc(*at, file);
    }
    fputc('"', file);
}

static void begin(struct json *json, const char *key) {
    if (json->comma) fputc(',', json->file);
    json->comma = true;
    if (!key) return;
    quote(json->file, key);
    fputc(':', json->file);
}

void json_open(struct json *json, const char *key, char bracket) {
    begin(json, key);
    fputc(bracket, json->file);
    json->comma = false;
}

void json_close(struct json *json, char bracket) {
    fputc(bracket, json->file);
    json->comma = true;
}

void json_string(struct json *json, const char *key, const char *value) {
    begin(json, key);
    quote(json->file, value);
}

void json_number(struct json *json, const char *key, double value) {
    begin(json, key);
    fprintf(json->file, "%.15g", value);
}

void json_bool(struct json *json, const char *key, bool value) {
    begin(json, key);
    fputs(value ? "true" : "false", json->file);
}
