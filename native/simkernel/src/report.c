/* SPDX-License-Identifier: MIT */
/* report.c -- see report.h. */
#include "report.h"

#include <stdio.h>
#include <string.h>

#include "json.h"
#include "life.h"
#include "printed.h"
#include "source.h"
#include "trace.h"

void report_prepare(const char *program) {
    for (int i = 0; i < trace_length(); i++) source_want(trace_at(i)->pc);
    source_want(failure.place);
    source_resolve(program);
}

/* "SIGSEGV in f (server.c:12), after 7 system calls". */
static void json_message(struct json *json) {
    const struct source *source = source_of(failure.place);
    const char *gap = strstr(failure.message, "{0}"), *slash = strrchr(source->file, '/');
    char place[256] = "", text[sizeof failure.message + sizeof place];
    if (source->line)
        snprintf(place, sizeof place, " in %.100s (%.100s:%d),", source->function, slash ? slash + 1 : source->file,
                 source->line);
    if (gap) snprintf(text, sizeof text, "%.*s%s%s", (int)(gap - failure.message), failure.message, place, gap + 3);
    json_string(json, "message", gap ? text : failure.message);
}

static void json_steps(struct json *json) {
    json_open(json, "trace", '[');
    for (int i = 0; failure.failed && i < trace_length(); i++) {
        const struct step *step = trace_at(i);
        const struct source *source = source_of(step->pc);
        json_open(json, NULL, '{');
        json_number(json, "thread", step->column);
        json_string(json, "file", source->file);
        json_number(json, "line", source->line);
        json_string(json, "function", step->column ? "client" : source->function);
        json_string(json, "what", step->text);
        json_string(json, "note", "");
        json_number(json, "times", step->times);
        json_bool(json, "marked", step->marked);
        json_close(json, '}');
    }
    json_close(json, ']');
}

/* What the learner's code printed in the life that is told. */
static void json_printed(struct json *json) {
    static char text[PRINTED_BYTES + 1];
    size_t size = printed_text(text);
    for (size_t i = 0; i < size; i++)
        if (!text[i]) text[i] = ' ';
    text[size] = 0;
    json_open(json, "printed", '{');
    json_string(json, "text", text);
    json_number(json, "lines", (double)printed_lines());
    json_close(json, '}');
}

bool report_json(const char *path, uint64_t lives, bool out_of_time) {
    struct json json = {.file = fopen(path, "w")};
    if (!json.file) return false;
    json_open(&json, NULL, '{');
    json_number(&json, "format", 1);
    json_string(&json, "verdict", failure.failed ? failure.verdict : "pass");
    json_message(&json);
    json_string(&json, "expected", failure.failed ? failure.rule.expected : "");
    json_string(&json, "look_at", failure.failed ? failure.rule.look_at : "");
    json_number(&json, "executions", (double)lives);
    json_bool(&json, "out_of_time", out_of_time);
    json_number(&json, "omitted", failure.failed ? trace_omitted() : 0);
    json_open(&json, "accesses", '[');
    json_close(&json, ']');
    json_steps(&json);
    if (failure.failed) json_printed(&json);
    json_close(&json, '}');
    fputc('\n', json.file);
    return fclose(json.file) == 0;
}
