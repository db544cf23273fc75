/* SPDX-License-Identifier: MIT */
/* report.c -- see report.h. */
#include "report.h"

#include <stdio.h>
#include <string.h>

#include "../../explorer/src/json.h"
#include "../../explorer/src/source.h"
#include "life.h"
#include "trace.h"

enum { CLIENT_COLUMN = 30, SERVER_COLUMN_MIN = 40, SERVER_COLUMN_MAX = 72, GUTTER = 2, TEXT = 400 };

void report_prepare(const char *program) {
    for (int i = 0; i < trace_length(); i++) source_want(trace_at(i)->pc);
    source_resolve(program);
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

bool report_json(const char *path, uint64_t lives) {
    struct json json = {.file = fopen(path, "w")};
    if (!json.file) return false;
    json_open(&json, NULL, '{');
    json_number(&json, "format", 1);
    json_string(&json, "verdict", failure.failed ? failure.verdict : "pass");
    json_string(&json, "message", failure.message);
    json_string(&json, "expected", failure.failed ? failure.rule.expected : "");
    json_string(&json, "look_at", failure.failed ? failure.rule.look_at : "");
    json_number(&json, "executions", (double)lives);
    json_open(&json, "accesses", '[');
    json_close(&json, ']');
    json_steps(&json);
    json_close(&json, '}');
    fputc('\n', json.file);
    return fclose(json.file) == 0;
}

static int columns(void) {
    int most = 0;
    for (int i = 0; i < trace_length(); i++)
        if (trace_at(i)->column > most) most = trace_at(i)->column;
    return most;
}

static void cell(int left, int width, bool marked, const char *text) {
    printf("%*s%s %.*s\n", left, "", marked ? "=>" : "  ", width - 3, text);
}

/* "epoll_echo.c:7  text"; without the file while the server stays in it. */
static void describe_place(char *text, const struct source *source) {
    static char file[sizeof source->file];
    const char *slash = strrchr(source->file, '/'), *name = slash ? slash + 1 : source->file;
    bool same = strcmp(file, name) == 0;
    snprintf(file, sizeof file, "%s", name);
    snprintf(text, TEXT, "%s:%d  %s", same ? "" : name, source->line, source_text(source));
}

/* The learner's own line once, and below it what its calls did. */
static void draw_server(const struct step *step, const struct step *before, int width) {
    char text[TEXT], times[24] = "";
    const struct source *source = source_of(step->pc);
    if (source->line && !(before && before->pc == step->pc)) {
        describe_place(text, source);
        cell(0, width, step->marked, text);
    }
    if (step->times > 1) snprintf(times, sizeof times, " (%u times)", step->times);
    snprintf(text, sizeof text, "  %s%s", step->text, times);
    cell(0, width, step->marked && !source->line, text);
}

static void draw_client(const struct step *step, int server, int width, bool apart) {
    char text[TEXT];
    char times[24] = "";
    if (step->times > 1) snprintf(times, sizeof times, " (%u times)", step->times);
    if (apart)
        snprintf(text, sizeof text, "%s%s", step->text, times);
    else
        snprintf(text, sizeof text, "client %d %s%s", step->column, step->text, times);
    cell(apart ? server + (step->column - 1) * width : server, width + 20, step->marked, text);
}

void report_picture(const char *scenario, uint64_t lives, int width) {
    if (!failure.failed) {
        printf("pass  %s  %lu lives\n", scenario, (unsigned long)lives);
        return;
    }
    printf("%s  %s\n  saw       %s\n  expected  %s\n\n", failure.verdict, scenario, failure.message,
           failure.rule.expected);
    int clients = columns(), server = width - clients * CLIENT_COLUMN;
    bool apart = server >= SERVER_COLUMN_MIN;
    if (server > SERVER_COLUMN_MAX) server = SERVER_COLUMN_MAX;
    if (!apart) server = width - CLIENT_COLUMN;
    printf("   %-*s", server, "server");
    for (int i = 1; apart && i <= clients; i++) printf("client %-*d", CLIENT_COLUMN - 7, i);
    printf("%s\n", apart ? "" : "clients");
    if (trace_omitted()) printf("   (after %u steps)\n", trace_omitted());
    for (int i = 0; i < trace_length(); i++) {
        const struct step *step = trace_at(i), *before = i ? trace_at(i - 1) : NULL;
        if (step->column == 0)
            draw_server(step, before, server - GUTTER);
        else
            draw_client(step, server, CLIENT_COLUMN, apart);
    }
}
