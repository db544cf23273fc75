/* SPDX-License-Identifier: MIT */
/* evidence.c -- frames on the evidence descriptor. evidence.h is for drivers,
 * frames.h for the rest of the guest.
 *
 * A frame is a 32-bit little-endian length, a kind byte and that many bytes
 * less one of payload. Short frames leave in one write, so that those sent by
 * a signal handler do not end up inside another's. */
#include "evidence.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "frames.h"
#include "own.h"
#include "printed.h"

/* Where a sanitizer is linked in: called before it ends the process. */
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

/* The descriptor stands in no variable, where the code under test could find
 * it; it is out of the way of code that closes or writes to small numbers. */
#define EVIDENCE_FD 473
#define NONCE_BYTES 36

/* Comes from the grader through the descriptor itself, so that it never is an
 * argument; kept where nobody can read but while it is sent. */
static GRADERS_OWN char *nonce;
static GRADERS_OWN size_t nonce_bytes;

/* How many bytes have left from here. The last frame says so: others that came to
 * the grader are not the driver's. */
static GRADERS_OWN _Atomic uint64_t sent;

/* What the descriptor leads to, which another one with its number does not. */
static GRADERS_OWN struct stat channel;

static bool is_ours(void) {
    struct stat now;
    return fstat(EVIDENCE_FD, &now) == 0 && now.st_dev == channel.st_dev && now.st_ino == channel.st_ino;
}

static void write_all(const void *bytes, size_t size) {
    const char *at = bytes;
    if (!is_ours()) _exit(EXIT_EVIDENCE_LOST);
    own_fetch_add(&sent, size);
    while (size > 0) {
        ssize_t n = write(EVIDENCE_FD, at, size);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) _exit(EXIT_EVIDENCE_LOST);
        at += n, size -= (size_t)n;
    }
}

/* A file is empty then, and ready for the evidence. */
static void nonce_take(void) {
    own(nonce) = mmap(NULL, NONCE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (nonce == MAP_FAILED) _exit(EXIT_EVIDENCE_LOST);
    while (nonce_bytes < NONCE_BYTES) {
        ssize_t n = read(EVIDENCE_FD, nonce + nonce_bytes, NONCE_BYTES - nonce_bytes);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        own(nonce_bytes) += (size_t)n;
    }
    if (mprotect(nonce, NONCE_BYTES, PROT_NONE) != 0) _exit(EXIT_EVIDENCE_LOST);
    if (ftruncate(EVIDENCE_FD, 0) == 0) (void)lseek(EVIDENCE_FD, 0, SEEK_SET);
}

bool nonce_lies_in(const void *at, size_t size) {
    uintptr_t page = (uintptr_t)nonce, from = (uintptr_t)at;
    return nonce && from < page + NONCE_BYTES && from + size > page;
}

void frame_send(enum frame_kind kind, const void *payload, size_t size) {
    char small[4096];
    uint32_t length = (uint32_t)size + 1;
    memcpy(small, &length, 4);
    small[4] = (char)kind;
    if (size <= sizeof small - 5) {
        if (size > 0) memcpy(small + 5, payload, size);
        write_all(small, size + 5);
    } else {
        write_all(small, 5);
        write_all(payload, size);
    }
}

/* A grader that is gone, however it went, leaves no guest running. The signal
 * comes only if the grader goes after this call; had it gone before, the parent
 * would be another by now. Evidence in a file: the parent is the timer's. */
static void die_with_the_grader(int fd) {
    const char *grader = getenv("C10KATA_GRADER");
    struct stat file;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    bool ours = grader && fstat(fd, &file) == 0 && !S_ISREG(file.st_mode);
    if (ours && getppid() != (pid_t)strtol(grader, NULL, 10)) _exit(EXIT_EVIDENCE_LOST);
}

void evidence_open(int fd) {
    die_with_the_grader(fd);
    printed_open();
    if (__sanitizer_set_death_callback) __sanitizer_set_death_callback(printed_tell);
    struct stat leads;
    if (dup3(fd, EVIDENCE_FD, O_CLOEXEC) < 0 || fstat(EVIDENCE_FD, &leads) != 0) _exit(EXIT_EVIDENCE_LOST);
    own_write(&channel, &leads, sizeof leads);
    close(fd);
    nonce_take();
    frame_send(FRAME_HELLO, NULL, 0);
}

void evidence_count(const char *name, uint64_t value) {
    char payload[128];
    size_t size = strnlen(name, sizeof payload - 9) + 1;
    memcpy(payload, name, size);
    memcpy(payload + size, &value, 8);
    frame_send(FRAME_COUNT, payload, size + 8);
}

/* A frame of `head`, which may hold several texts, and numbers. */
static void send_numbers(enum frame_kind kind, const char *head, size_t head_size, const uint64_t *values, size_t n) {
    char *payload = malloc(head_size + n * 8);
    if (!payload) _exit(EXIT_EVIDENCE_LOST);
    memcpy(payload, head, head_size);
    if (n > 0) memcpy(payload + head_size, values, n * 8);
    frame_send(kind, payload, head_size + n * 8);
    free(payload);
}

void evidence_series(const char *name, const uint64_t *values, size_t length) {
    send_numbers(FRAME_SERIES, name, strlen(name) + 1, values, length);
}

void evidence_table(const char *name, const char *columns, const uint64_t *cells, size_t length) {
    char head[512];
    int size = snprintf(head, sizeof head, "%s%c%s", name, 0, columns) + 1;
    if (size > (int)sizeof head) _exit(EXIT_EVIDENCE_LOST);
    send_numbers(FRAME_ROWS, head, (size_t)size, cells, length);
}

_Noreturn void evidence_broken_off(const char *call, const char *did, const char *expected, const char *look_at) {
    static atomic_flag told = ATOMIC_FLAG_INIT;
    while (atomic_flag_test_and_set(&told)) pause(); /* for the first to end the process */
    char payload[1024];
    int size = snprintf(payload, sizeof payload, "%s%c%s%c%s%c%s", call, 0, did, 0, expected, 0, look_at);
    if (size >= (int)sizeof payload) _exit(EXIT_EVIDENCE_LOST);
    frame_send(FRAME_BROKEN_OFF, payload, (size_t)size);
    evidence_end();
}

void printed_tell(void) {
    struct {
        uint64_t lines;
        char text[PRINTED_BYTES];
    } payload = {.lines = printed_lines()};
    size_t size = printed_text(payload.text);
    if (nonce && size > 0) frame_send(FRAME_PRINTED, &payload, sizeof payload.lines + size);
    printed_reset();
}

void evidence_progress(void) {
    frame_send(FRAME_PROGRESS, NULL, 0);
}

/* In one write from where the nonce lies: the frames before it do not hold it,
 * since a file of evidence can be read. */
void frame_end(void) {
    char head[13] = {[4] = FRAME_END};
    uint32_t length = (uint32_t)nonce_bytes + 9;
    printed_tell();
    uint64_t before = atomic_load_explicit(&sent, memory_order_relaxed);
    memcpy(head, &length, 4);
    memcpy(head + 5, &before, 8);
    struct iovec parts[] = {{head, sizeof head}, {nonce, nonce_bytes}};
    if (!is_ours() || mprotect(nonce, NONCE_BYTES, PROT_READ) != 0) _exit(EXIT_EVIDENCE_LOST);
    if (writev(EVIDENCE_FD, parts, 2) != (ssize_t)(sizeof head + nonce_bytes)) _exit(EXIT_EVIDENCE_LOST);
}

_Noreturn void evidence_end(void) {
    frame_end();
    _exit(0);
}
