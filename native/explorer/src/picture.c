/* SPDX-License-Identifier: MIT
 *
 * picture.c -- columns if they fit, else a list.
 *
 * A step takes two rows: the source line, then what it did. Consecutive steps of one thread at one
 * line share the first. "=>" marks what the verdict is about. */
#include "picture.h"

#include "source.h"
#include "trace.h"

#include <string.h>

enum { MIN_COLUMN = 34, MAX_COLUMN = 60, GUTTER = 3, TEXT = 512 };

static bool same_place(const struct step *one, const struct step *other) {
    return one->thread == other->thread && one->pc == other->pc;
}

static void cell(FILE *file, int column, int width, const char *mark, const char *text) {
    fprintf(file, "%*s%-2s %.*s\n", column * (width + GUTTER), "", mark, width - 3, text);
}

static void draw_step(FILE *file, const struct step *step, const struct step *before, int column,
                      int width) {
    char text[TEXT];
    const struct source *source = source_of(step->pc);
    if (source->line && !(before && same_place(before, step))) {
        snprintf(text, sizeof text, "%s:%d  %s",
                 strrchr(source->file, '/') ? strrchr(source->file, '/') + 1 : source->file,
                 source->line, source_text(source));
        cell(file, column, width, step->marked ? "=>" : "", text);
    }
    char times[24] = "";
    if (step->times > 1)
        snprintf(times, sizeof times, " (%u times)", step->times);
    snprintf(text, sizeof text, "  %s%s%s%s", step->what, step->note[0] ? ": " : "", step->note,
             times);
    cell(file, column, width, step->marked && !source->line ? "=>" : "", text);
}

static void draw_heads(FILE *file, int threads, int width) {
    for (int i = 0; i < threads; i++) {
        char name[16];
        snprintf(name, sizeof name, "T%d", i);
        fprintf(file, "   %-*s", width, name);
    }
    fputc('\n', file);
}

static void draw_trace(FILE *file, int threads, int width) {
    int column_width = (width - GUTTER * threads) / (threads ? threads : 1);
    bool columns = column_width >= MIN_COLUMN;
    if (column_width > MAX_COLUMN)
        column_width = MAX_COLUMN;
    if (columns)
        draw_heads(file, threads, column_width);
    int last = -1;
    for (int i = 0; i < trace_length(); i++) {
        const struct step *step = trace_at(i);
        if (!columns && step->thread != last)
            fprintf(file, "T%d\n", step->thread);
        last = step->thread;
        draw_step(file, step, i ? trace_at(i - 1) : NULL, columns ? step->thread : 0,
                  columns ? column_width : width - GUTTER);
    }
}

void picture_draw(const struct result *result, int width, FILE *file) {
    if (verdict.kind == VERDICT_PASS) {
        fprintf(file, "pass  %s  %lu executions", result->scenario,
                (unsigned long)result->executions);
        if (!strcmp(result->mode, "exhaustive"))
            fprintf(file, ": %s schedules with at most %d preemptions%s",
                    result->complete ? "all" : "not all", result->max_preemptions,
                    result->complete ? "" : "; the limit came first");
        fputc('\n', file);
        return;
    }
    fprintf(file, "%s  %s\n  saw       %s\n", verdict_name(verdict.kind), result->scenario,
            result_message());
    if (verdict_rule(verdict.kind)[0])
        fprintf(file, "  expected  %s\n", verdict_rule(verdict.kind));
    if (result->executions)
        fprintf(file, "  replay    --seed %s   (%s, execution %lu)\n", result->seed,
                result->strategy, (unsigned long)result->executions);
    if (trace_length())
        fputc('\n', file);
    draw_trace(file, result->threads, width);
}
