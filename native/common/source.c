/* SPDX-License-Identifier: MIT
 *
 * source.c -- one run of addr2line, at the end, and only after a failure; a second one for what has no line of its own.
 */
#include "source.h"

#include "tool.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    MAX_SOURCES = 1024,
    HEX_SIZE = 12,
    MAX_LINE = 512,
    FIXED_ARGUMENTS = 4,
    NEARBY = 64, /* bytes before an instruction without a line of its own, where the nearest one is looked for */
    MAX_QUESTIONS = 8192
};

static struct source sources[MAX_SOURCES];
static int source_count;

/* What one run of addr2line is asked, and about whom. */
static struct {
    char hex[MAX_QUESTIONS][HEX_SIZE];
    struct source *about[MAX_QUESTIONS];
    int count;
    bool nearby; /* the offsets are near those that are meant */
} questions;

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

/* The innermost function of an instruction, which may have no line (clang gives "file.c:?" to what it has merged, and
 * to the call at a function's begin); then the functions that this one was inlined into. */
static void take(struct source *source, const char *function, const char *path, int line) {
    bool first = source->function[0] == '?', other = strcmp(source->function, function) != 0;
    if (source->line || (!first && !line) || (questions.nearby && other)) return;
    source->line = line;
    snprintf(source->function, sizeof source->function, "%.127s", function);
    snprintf(source->path, sizeof source->path, "%.511s", path);
    shorten(source);
}

/* "path:line", maybe followed by " (discriminator 3)"; "??:?" where nothing is known. */
static void read_place(struct source *source, const char *function, char *place) {
    char *colon = strrchr(place, ':');
    if (!colon || place[0] == '?') return;
    *colon = 0;
    take(source, function, place, atoi(colon + 1));
}

/* For each address: itself, then pairs of function and place, the innermost first. */
static void read_answers(FILE *answers) {
    char text[MAX_LINE], function[MAX_LINE] = "";
    int asked = -1;
    bool place = false;
    while (fgets(text, sizeof text, answers)) {
        text[strcspn(text, "\n")] = 0;
        if (!strncmp(text, "0x", 2)) {
            asked++;
            place = false;
            continue;
        }
        if (place && asked >= 0 && asked < questions.count) read_place(questions.about[asked], function, text);
        if (!place) memcpy(function, text, sizeof function);
        place = !place;
    }
}

static void ask(struct source *source, uint32_t offset) {
    if (questions.count == MAX_QUESTIONS) return;
    snprintf(questions.hex[questions.count], HEX_SIZE, "%#x", offset);
    questions.about[questions.count++] = source;
}

static void answer(const char *subject_path) {
    static char *arguments[FIXED_ARGUMENTS + MAX_QUESTIONS + 1] = {"addr2line", "-afi", "-e"};
    if (!questions.count) return;
    arguments[FIXED_ARGUMENTS - 1] = (char *)subject_path;
    for (int i = 0; i < questions.count; i++) arguments[FIXED_ARGUMENTS + i] = questions.hex[i];
    arguments[FIXED_ARGUMENTS + questions.count] = NULL;
    struct tool tool = tool_start(arguments);
    if (tool.output) read_answers(tool.output);
    tool_end(&tool);
    questions.count = 0;
}

/* Offsets are return addresses; the call itself is one byte before. */
void source_resolve(const char *subject_path) {
    questions.nearby = false;
    for (int i = 0; i < source_count; i++)
        if (!sources[i].line) ask(&sources[i], sources[i].pc - 1);
    answer(subject_path);
    questions.nearby = true;
    for (int i = 0; i < source_count; i++)
        for (uint32_t back = 1; back <= NEARBY && !sources[i].line && sources[i].path[0]; back++)
            ask(&sources[i], sources[i].pc - 1 - back);
    answer(subject_path);
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
