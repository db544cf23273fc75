/* SPDX-License-Identifier: MIT
 *
 * result.c -- the JSON document. */
#include "result.h"

#include "callers.h"
#include "driver.h"
#include "findings.h"
#include "history.h"
#include "json.h"
#include "source.h"
#include "subject.h"
#include "thread.h"
#include "trace.h"

#include <string.h>

static void want_step(const struct step *step) {
    const struct way *way = trace_way(step);
    source_want(step->pc);
    for (int i = 0; i < way->count; i++) source_want(way->places[i].pc);
}

void result_resolve(void) {
    for (int i = 0; i < verdict.place_count; i++) source_want(verdict.places[i].pc);
    for (int i = 0; i < trace_length(); i++) want_step(trace_at(i));
    if (subject.path) source_resolve(subject.path);
}

/* "mpsc_push (mpsc_queue.c:42)"; how much of the room it takes. */
static size_t write_place(uint32_t pc, char *text, size_t room) {
    const struct source *source = source_of(pc);
    const char *slash = strrchr(source->file, '/'), *name = slash ? slash + 1 : source->file;
    char line[16] = "";
    if (source->line) snprintf(line, sizeof line, ":%d", source->line);
    size_t length = (size_t)(name[0] == '?' ? snprintf(text, room, "a function without a known line")
                                            : snprintf(text, room, "%s (%s%s)", source->function, name, line));
    return length < room ? length : room - 1;
}

const char *result_message(void) {
    static char text[2048];
    size_t length = 0;
    for (const char *at = verdict.message; *at && length + 1 < sizeof text; at++) {
        if (at[0] == '{' && at[1] >= '0' && at[1] < '0' + verdict.place_count && at[2] == '}') {
            length += write_place(verdict.places[at[1] - '0'].pc, text + length, sizeof text - length);
            at += 2;
        } else {
            text[length++] = *at;
        }
    }
    text[length] = 0;
    return text;
}

static void write_source(struct json *json, uint32_t pc) {
    const struct source *source = source_of(pc);
    json_string(json, "file", source->file);
    json_number(json, "line", source->line);
    json_string(json, "function", source->function);
    json_number(json, "offset", pc);
}

/* How the thread had come to this place: as it was there last, in a marked step. */
static const struct way *way_to(const struct place *place) {
    static const struct way unknown;
    const struct way *found = &unknown;
    for (int i = 0; i < trace_length(); i++) {
        const struct step *step = trace_at(i);
        if (step->marked && step->thread == place->thread && step->pc == place->pc) found = trace_way(step);
    }
    return found;
}

static void write_way(struct json *json, const struct way *way) {
    json_open(json, "way", '[');
    for (int i = 0; i < way->count; i++) {
        json_open(json, NULL, '{');
        write_source(json, way->places[i].pc);
        json_bool(json, "returned", way->places[i].returned);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void write_accesses(struct json *json) {
    json_open(json, "accesses", '[');
    for (int i = 0; i < verdict.place_count; i++) {
        json_open(json, NULL, '{');
        json_number(json, "thread", verdict.places[i].thread);
        json_string(json, "what", verdict.places[i].what);
        write_source(json, verdict.places[i].pc);
        write_way(json, way_to(&verdict.places[i]));
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void write_clock(struct json *json, const struct clock *clock, int count) {
    json_open(json, "knows", '[');
    for (int i = 0; i < count; i++) json_number(json, NULL, clock->at[i]);
    json_close(json, ']');
}

static void write_trace(struct json *json, int threads_in_all) {
    json_open(json, "trace", '[');
    for (int i = 0; i < trace_length(); i++) {
        const struct step *step = trace_at(i);
        json_open(json, NULL, '{');
        json_number(json, "thread", step->thread);
        write_source(json, step->pc);
        json_string(json, "what", step->what);
        json_string(json, "note", step->note);
        json_number(json, "times", step->times);
        json_bool(json, "marked", step->marked);
        write_clock(json, &step->knows, threads_in_all);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void write_history(struct json *json) {
    json_open(json, "history", '[');
    for (int i = 0; verdict.kind != VERDICT_PASS && i < history_length(); i++) {
        const struct explore_operation *operation = &history_at(i)->operation;
        json_open(json, NULL, '{');
        json_number(json, "thread", operation->thread);
        json_string(json, "name", operation->name);
        json_string(json, "words", history_at(i)->words);
        json_open(json, "arguments", '[');
        json_number(json, NULL, (double)operation->argument[0]);
        json_number(json, NULL, (double)operation->argument[1]);
        json_close(json, ']');
        json_number(json, "result", (double)operation->result);
        json_open(json, "after", '[');
        for (int j = 0; j < history_length(); j++)
            if (history_orders(j, i)) json_number(json, NULL, j);
        json_close(json, ']');
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void write_thread_names(struct json *json, int count) {
    json_open(json, "thread_names", '[');
    for (int i = 0; i < count; i++) json_string(json, NULL, threads[i].name ? threads[i].name : "");
    json_close(json, ']');
}

static void write_unknown(struct json *json, const char *names) {
    json_open(json, "unknown_symbols", '[');
    for (size_t length; *names; names += length + (names[length] != 0)) {
        char name[128];
        length = strcspn(names, " ");
        snprintf(name, sizeof name, "%.*s", (int)length, names);
        json_string(json, NULL, name);
    }
    json_close(json, ']');
}

static void write_outcomes(struct json *json) {
    const struct outcome *outcomes;
    int count = outcomes_seen(&outcomes);
    json_open(json, "outcomes", '{');
    for (int i = 0; i < count; i++) json_number(json, outcomes[i].text, (double)outcomes[i].count);
    json_close(json, '}');
}

static void write_findings(struct json *json) {
    const struct finding *told = findings_nearest();
    json_number(json, "found_at", told ? (double)told->execution : 0);
    json_open(json, "failures", '{');
    for (int kind = VERDICT_RACE; kind < VERDICT_KINDS; kind++) {
        uint64_t count = findings_count((enum verdict_kind)kind);
        if (count) json_number(json, verdict_name((enum verdict_kind)kind), (double)count);
    }
    json_close(json, '}');
}

static void write_schedules(struct json *json, const struct result *result) {
    json_open(json, "schedules", '{');
    json_number(json, "covered", (double)result->covered);
    json_number(json, "max_preemptions", result->max_preemptions);
    json_number(json, "cut", (double)result->cut);
    json_bool(json, "complete", result->complete);
    json_close(json, '}');
}

/* What the driver does may pass other limits, and a schedule may take many steps, but not all of them do. */
static bool asked_too_much(const struct result *result) {
    bool everywhere = findings_count(VERDICT_LIMIT) == result->executions;
    return verdict.excess == OF_THE_PROGRAM || (verdict.excess == OF_THE_STEPS && everywhere);
}

void result_write(const struct result *result, FILE *file) {
    struct json json = {file, false};
    json_open(&json, NULL, '{');
    json_number(&json, "format", 1);
    json_string(&json, "verdict", verdict_name(verdict.kind));
    json_bool(&json, "asked_too_much", asked_too_much(result));
    json_string(&json, "message", result_message());
    json_string(&json, "expected", verdict_rule(verdict.kind));
    json_string(&json, "scenario", result->scenario);
    json_string(&json, "mode", result->mode);
    json_string(&json, "strategy", result->strategy);
    json_string(&json, "seed", result->seed);
    json_number(&json, "executions", (double)result->executions);
    write_findings(&json);
    json_bool(&json, "out_of_time", result->out_of_time);
    json_number(&json, "dropped", (double)result->dropped);
    json_number(&json, "steps", (double)result->steps);
    if (!strcmp(result->mode, "exhaustive")) write_schedules(&json, result);
    json_number(&json, "threads", result->threads);
    json_number(&json, "preemptions", result->preemptions);
    write_thread_names(&json, result->threads);
    write_unknown(&json, result->unknown);
    write_accesses(&json);
    write_history(&json);
    write_outcomes(&json);
    write_trace(&json, result->threads);
    json_close(&json, '}');
    fputc('\n', file);
}
