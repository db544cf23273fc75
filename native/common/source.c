/* SPDX-License-Identifier: MIT
 *
 * source.c -- one run of addr2line, at the end, and only after a failure. */
#include "source.h"

#include "tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_SOURCES = 1024, HEX_SIZE = 12, MAX_LINE = 512, FIXED_ARGUMENTS = 5 };

static struct source sources[MAX_SOURCES];
static int source_count;

static struct source *find(uint32_t pc) {
    for (int i = 0; i < source_count; i++)
        if (sources[i].pc == pc) return &sources[i];
    return NULL;
}

void source_want(uint32_t pc) {
    if (!pc || find(pc) || source_count == MAX_SOURCES) return;
    struct source *source = &sources[source_count++];
    *source = (struct source){.pc = pc, .file = "?", .function = "?"};
}

const struct source *source_of(uint32_t pc) {
    static const struct source unknown = {.file = "?", .function = "?"};
    const struct source *source = find(pc);
    return source ? source : &unknown;
}

/* Offsets are return addresses; the call itself is one byte before. */
static struct tool start(const char *subject_path) {
    static char hex[MAX_SOURCES][HEX_SIZE];
    char *arguments[MAX_SOURCES + FIXED_ARGUMENTS + 1] = {"addr2line", "-afi", "-e", (char *)subject_path};
    int count = 4;
    for (int i = 0; i < source_count; i++) {
        snprintf(hex[i], HEX_SIZE, "%#x", sources[i].pc - 1);
        arguments[count++] = hex[i];
    }
    return tool_start(arguments);
}

/* Below the working directory: relative to it. Elsewhere: the name alone, since reports hold no
 * paths of the machine they were made on. */
static void shorten(struct source *source) {
    char here[512] = "";
    if (!getcwd(here, sizeof here)) here[0] = 0;
    size_t length = strlen(here);
    const char *slash = strrchr(source->path, '/');
    const char *shown = source->path;
    if (length && !strncmp(source->path, here, length) && source->path[length] == '/')
        shown += length + 1;
    else if (source->path[0] == '/' && slash)
        shown = slash + 1;
    while (!strncmp(shown, "./", 2)) shown += 2; /* -ffile-prefix-map=$PWD=., by clang twice */
    snprintf(source->file, sizeof source->file, "%.255s", shown);
}

/* "path:line", maybe followed by " (discriminator 3)". */
static void read_place(struct source *source, char *text) {
    char *colon = strrchr(text, ':');
    if (!colon || text[0] == '?') return;
    *colon = 0;
    source->line = atoi(colon + 1);
    snprintf(source->path, sizeof source->path, "%s", text);
    shorten(source);
}

/* For each address: itself, then pairs of function and place, the innermost first. */
static void read_answer(FILE *answer) {
    char text[MAX_LINE];
    struct source *source = NULL;
    int row = 0;
    while (fgets(text, sizeof text, answer)) {
        text[strcspn(text, "\n")] = 0;
        if (!strncmp(text, "0x", 2)) {
            source = find((uint32_t)strtoul(text, NULL, 16) + 1);
            row = 0;
            continue;
        }
        row++;
        if (source && row == 1)
            snprintf(source->function, sizeof source->function, "%.*s", 127, text);
        else if (source && row == 2)
            read_place(source, text);
    }
}

void source_resolve(const char *subject_path) {
    if (!source_count) return;
    struct tool tool = start(subject_path);
    if (tool.output) read_answer(tool.output);
    tool_end(&tool);
}

const char *source_text(const struct source *source) {
    static char text[MAX_LINE];
    text[0] = 0;
    FILE *file = source->line ? fopen(source->path, "r") : NULL;
    for (int line = 0; file && line < source->line; line++)
        if (!fgets(text, sizeof text, file)) text[0] = 0;
    if (file) fclose(file);
    text[strcspn(text, "\n")] = 0;
    return text + strspn(text, " \t");
}
