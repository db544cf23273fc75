/* SPDX-License-Identifier: MIT
 *
 * output_calls.c -- printing, and ends of the process.
 *
 * Output is dropped, except that a traced execution shows the text as a step. A subject that ends
 * the process fails. */
#include "models.h"
#include "subject.h"
#include "thread.h"
#include "trace.h"
#include "verdict.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static int prints(uint32_t pc, const char *format, va_list arguments) {
    char text[TRACE_NOTE_SIZE];
    int length = vsnprintf(text, sizeof text, format, arguments);
    text[strcspn(text, "\n")] = 0;
    trace_step("prints", pc, "%s", text);
    return length;
}

int model_printf(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = prints(CALLER, format, arguments);
    va_end(arguments);
    return length;
}

int model_fprintf(FILE *file, const char *format, ...) {
    (void)file;
    va_list arguments;
    va_start(arguments, format);
    int length = prints(CALLER, format, arguments);
    va_end(arguments);
    return length;
}

int model_dprintf(int fd, const char *format, ...) {
    (void)fd;
    va_list arguments;
    va_start(arguments, format);
    int length = prints(CALLER, format, arguments);
    va_end(arguments);
    return length;
}

int model_vprintf(const char *format, va_list arguments) {
    return prints(CALLER, format, arguments);
}

int model_vfprintf(FILE *file, const char *format, va_list arguments) {
    (void)file;
    return prints(CALLER, format, arguments);
}

int model_vdprintf(int fd, const char *format, va_list arguments) {
    (void)fd;
    return prints(CALLER, format, arguments);
}

int model_puts(const char *text) {
    trace_step("prints", CALLER, "%s", text);
    return 0;
}

int model_fputs(const char *text, FILE *file) {
    (void)file;
    trace_step("prints", CALLER, "%s", text);
    return 0;
}

static void prints_bytes(uint32_t pc, const char *bytes, size_t size) {
    int shown = 0;
    while (shown < TRACE_NOTE_SIZE && (size_t)shown < size && bytes[shown] && bytes[shown] != '\n') shown++;
    trace_step("prints", pc, "%.*s", shown, bytes);
}

int model_putchar(int character) {
    prints_bytes(CALLER, (const char[]){(char)character}, 1);
    return character;
}

int model_fputc(int character, FILE *file) {
    (void)file;
    prints_bytes(CALLER, (const char[]){(char)character}, 1);
    return character;
}

size_t model_fwrite(const void *from, size_t size, size_t count, FILE *file) {
    (void)file;
    prints_bytes(CALLER, from, size * count);
    return count;
}

void model_perror(const char *text) {
    trace_step("prints", CALLER, "%s", text);
}

void model_assert_fail(const char *expression, const char *file, unsigned line, const char *function) {
    (void)file, (void)line, (void)function;
    verdict_place(running->id, CALLER, 0, "asserts");
    violate(VERDICT_ASSERTION, "T%d: assertion (%s) failed in {0}", running->id, expression);
}

void model_assert_perror_fail(int error, const char *file, unsigned line, const char *function) {
    (void)file, (void)line, (void)function;
    verdict_place(running->id, CALLER, 0, "asserts");
    violate(VERDICT_ASSERTION, "T%d: an error that was ruled out (%s) came up in {0}", running->id, strerror(error));
}

void model_abort(void) {
    verdict_place(running->id, CALLER, 0, "aborts");
    violate(VERDICT_CRASH, "T%d calls abort in {0}", running->id);
}

void model_stack_chk_fail(void) {
    verdict_place(running->id, CALLER, 0, "crashes");
    violate(VERDICT_CRASH, "T%d overwrites its stack beyond a local variable in {0}", running->id);
}

void model_exit(int status) {
    verdict_place(running->id, CALLER, 0, "exits");
    violate(VERDICT_LIMIT, "T%d calls exit(%d) in {0}: the explorer does not follow the end of a process", running->id,
            status);
}
