/* SPDX-License-Identifier: MIT */
/* asks.c -- poll and select in a script: on the descriptors that the script gives, on
 * two pipes, an eventfd, a file and a number that is not open. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <unistd.h>

#include "rng.h"
#include "script.h"

/* Linux ignores numbers behind the end of its table of descriptors, which has room for 64 at first. */
enum { PIPES = 2, NOT_OPEN = 63, MOST = 32 };

static struct {
    struct rng rng;
    int pipes[PIPES][2];
    bool full[PIPES];
    int event, file;
    int all[MOST], count;
} a;

static int below(int bound) {
    return (int)rng_below(&a.rng, (uint64_t)bound);
}

void asks_begin(uint64_t seed) {
    memset(&a, 0, sizeof a);
    a.rng = rng_new(seed, 8);
    for (int i = 0; i < PIPES; i++)
        if (pipe2(a.pipes[i], O_NONBLOCK) < 0) a.pipes[i][0] = a.pipes[i][1] = -1;
    a.event = eventfd(0, EFD_NONBLOCK);
    a.file = open("/dev/null", O_RDONLY);
}

static void close_end(int *fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

void asks_end(void) {
    for (int i = 0; i < PIPES; i++) close_end(&a.pipes[i][0]), close_end(&a.pipes[i][1]);
    close(a.event);
    close(a.file);
}

/* Full or empty again: how much is in between differs, since Linux counts pages. */
static void fill(int i) {
    static const char bytes[4096];
    while (a.pipes[i][1] >= 0 && a.pipes[i][0] >= 0 && write(a.pipes[i][1], bytes, sizeof bytes) > 0) a.full[i] = true;
}

static void empty(int i) {
    char bytes[4096];
    while (a.pipes[i][0] >= 0 && read(a.pipes[i][0], bytes, sizeof bytes) > 0) continue;
    a.full[i] = false;
}

static void change_event(void) {
    static const uint64_t numbers[] = {1, UINT64_MAX - 1, UINT64_MAX - 2, UINT64_MAX};
    uint64_t number = numbers[below(4)];
    bool writes = below(2);
    long n = writes ? write(a.event, &number, sizeof number) : read(a.event, &number, sizeof number);
    fprintf(transcript, "asked event %s: %s\n", writes ? "written" : "read", n < 0 ? strerrorname_np(errno) : "done");
}

static void change(void) {
    int i = below(PIPES), what = below(12);
    if (what < 3 && a.pipes[i][0] >= 0 && a.pipes[i][1] >= 0 && !a.full[i])
        fprintf(transcript, "pipe %d: %ld written\n", i, (long)write(a.pipes[i][1], "x", 1));
    else if (what < 5)
        fill(i);
    else if (what < 8)
        empty(i);
    else if (what == 8 && below(3) == 0)
        close_end(&a.pipes[i][below(2)]);
    else
        change_event();
}

static void gather(const int *fds, int count) {
    const int own[] = {a.event, a.file, a.pipes[0][0], a.pipes[0][1], a.pipes[1][0], a.pipes[1][1], -1, NOT_OPEN};
    a.count = 0;
    for (int i = 0; i < (int)(sizeof own / sizeof *own); i++) a.all[a.count++] = own[i];
    for (int i = 0; i < count; i++) a.all[a.count++] = fds[i];
}

static void ask_poll(void) {
    static const short bits[] = {POLLIN, POLLOUT, POLLRDHUP, POLLRDNORM, POLLWRNORM, POLLPRI};
    struct pollfd watched[MOST];
    for (int i = 0; i < a.count; i++) {
        watched[i] = (struct pollfd){.fd = a.all[i], .revents = 99};
        for (int bit = 0; bit < 6; bit++) watched[i].events |= (short)(below(2) ? bits[bit] : 0);
    }
    fprintf(transcript, "poll: %d:", poll(watched, (nfds_t)a.count, 0));
    for (int i = 0; i < a.count; i++)
        if (watched[i].revents) fprintf(transcript, " %d %hx", i, (unsigned short)watched[i].revents);
    fprintf(transcript, "\n");
}

/* A number that is not open in a set spoils the whole call. */
static void ask_select(void) {
    fd_set sets[3];
    int highest = -1;
    for (int i = 0; i < 3; i++) FD_ZERO(&sets[i]);
    for (int i = 0; i < a.count; i++) {
        if (a.all[i] < 0 || (a.all[i] == NOT_OPEN && below(4))) continue;
        for (int set = 0; set < 3; set++)
            if (below(3)) FD_SET(a.all[i], &sets[set]), highest = a.all[i] > highest ? a.all[i] : highest;
    }
    struct timeval now = {0, 0};
    int n = select(highest + 1, &sets[0], &sets[1], &sets[2], &now);
    fprintf(transcript, "select: %d %s:", n, n < 0 ? strerrorname_np(errno) : "");
    for (int i = 0; i < a.count; i++)
        for (int set = 0; set < 3; set++)
            if (a.all[i] >= 0 && FD_ISSET(a.all[i], &sets[set])) fprintf(transcript, " %d/%d", i, set);
    fprintf(transcript, "\n");
}

void asks_look(const int *fds, int count) {
    change();
    gather(fds, count);
    below(2) ? ask_poll() : ask_select();
}
