/* SPDX-License-Identifier: MIT
 *
 * picture.c -- columns if they fit, else a list.
 *
 * A step takes two rows: the source line, then what it did. Consecutive steps of one thread at one
 * line share the first. "=>" marks what the verdict is about. */
#include "picture.h"

#include "findings.h"
#include "source.h"
#include "thread.h"
#include "trace.h"

#include <string.h>

enum { MIN_COLUMN = 34, MAX_COLUMN = 60, GUTTER = 3, TEXT = 512, MAX_ROWS = 3 };

/* How much of the text fits: up to a space where there is one in the second half. */
static int fitting(const char *text, int room) {
    if ((int)strlen(text) <= room) return room;
    for (int at = room; at > room / 2; at--)
        if (text[at] == ' ') return at;
    return room;
}

/* Text in a column, in as many rows as it takes. */
static void cell(FILE *file, int column, int width, const char *mark, const char *text) {
    int room = width - 3, left = column * (width + GUTTER), indent = (int)strspn(text, " ");
    int length = fitting(text, room);
    fprintf(file, "%*s%-2s %.*s\n", left, "", mark, length, text);
    for (int row = 1; row < MAX_ROWS && length < (int)strlen(text); row++) {
        text += length + (text[length] == ' ');
        length = fitting(text, room - indent - 2);
        fprintf(file, "%*s   %*s%.*s\n", left, "", indent + 2, "", length, text);
        if (length > (int)strlen(text)) return;
    }
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* "file:line  text"; without the file while a thread stays in it. */
static void describe_place(char *text, const struct source *source, const struct step *before) {
    const char *file = base_name(source->file);
    bool same_file = before && !strcmp(base_name(source_of(before->pc)->file), file);
    snprintf(text, TEXT, "%s%s%d  %s", same_file ? "" : file, same_file ? "" : ":", source->line, source_text(source));
}

static void draw_step(FILE *file, const struct step *step, const struct step *before, int column, int width) {
    char text[TEXT], times[24] = "";
    const struct source *source = source_of(step->pc);
    bool new_place = source->line && !(before && before->pc == step->pc);
    if (new_place) {
        describe_place(text, source, before);
        cell(file, column, width, step->marked ? "=>" : "", text);
    }
    if (step->times > 1) snprintf(times, sizeof times, " (%u times)", step->times);
    snprintf(text, sizeof text, "  %s%s%s%s", step->what, step->note[0] ? ": " : "", step->note, times);
    cell(file, column, width, step->marked && !new_place ? "=>" : "", text);
}

static const char *title(int thread) {
    static char text[64];
    const char *name = threads[thread].name;
    snprintf(text, sizeof text, "T%d%s%s", thread, name ? " " : "", name ? name : "");
    return text;
}

static void draw_heads(FILE *file, int count, int width) {
    for (int i = 0; i < count; i++) fprintf(file, "   %-*.*s", width, width, title(i));
    fputc('\n', file);
}

static void draw_trace(FILE *file, int count, int width) {
    int column_width = (width - GUTTER * count) / (count ? count : 1);
    bool columns = column_width >= MIN_COLUMN;
    if (column_width > MAX_COLUMN) column_width = MAX_COLUMN;
    if (columns) draw_heads(file, count, column_width);
    int last = -1;
    for (int i = 0; i < trace_length(); i++) {
        const struct step *step = trace_at(i);
        if (!columns && step->thread != last) fprintf(file, "%s\n", title(step->thread));
        const struct step *before =
            step->thread == last ? trace_at(i - 1) : NULL; /* a thread that resumes says where */
        draw_step(file, step, before, columns ? step->thread : 0, columns ? column_width : width - GUTTER);
        last = step->thread;
    }
}

static void draw_certificate(const struct result *result, FILE *file) {
    fprintf(file, result->complete ? ": all" : ": not all");
    if (result->complete) fprintf(file, " %lu", (unsigned long)result->covered);
    fprintf(file, " schedules");
    if (result->max_preemptions >= 0) fprintf(file, " with at most %d preemptions", result->max_preemptions);
    if (!result->every_order) fprintf(file, ", up to the order of independent steps");
    if (!result->complete) fprintf(file, "; the limit came first");
}

/* Other failures that the search met before it told this one. */
static void draw_others(FILE *file) {
    int others = 0;
    for (int kind = VERDICT_RACE; kind < VERDICT_KINDS; kind++) {
        uint64_t count = findings_count((enum verdict_kind)kind);
        if (!count || kind == (int)verdict.kind) continue;
        fprintf(file, "%s%s in %lu execution%s", others++ ? ", " : "  also      ",
                verdict_name((enum verdict_kind)kind), (unsigned long)count, count == 1 ? "" : "s");
    }
    if (others) fputc('\n', file);
}

static void draw_replay(const struct result *result, const struct finding *told, FILE *file) {
    bool script = result->seed[0] == 'x';
    fprintf(file, "  replay    --seed %s%s   (%s, execution %lu)\n", result->seed, script ? "" : " --executions 1",
            result->strategy, (unsigned long)told->execution);
}

void picture_draw(const struct result *result, int width, FILE *file) {
    if (verdict.kind == VERDICT_PASS) {
        fprintf(file, "pass  %s  %lu executions", result->scenario, (unsigned long)result->executions);
        if (result->dropped) fprintf(file, ", of which explore_assume dropped %lu", (unsigned long)result->dropped);
        if (!strcmp(result->mode, "exhaustive")) draw_certificate(result, file);
        fputc('\n', file);
        return;
    }
    fprintf(file, "%s  %s\n  saw       %s\n", verdict_name(verdict.kind), result->scenario, result_message());
    if (verdict_rule(verdict.kind)[0]) fprintf(file, "  expected  %s\n", verdict_rule(verdict.kind));
    if (findings_nearest()) draw_replay(result, findings_nearest(), file);
    draw_others(file);
    if (trace_length()) fputc('\n', file);
    draw_trace(file, result->threads, width);
}
