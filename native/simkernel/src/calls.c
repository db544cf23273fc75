/* SPDX-License-Identifier: MIT */
/* calls.c -- what all system calls share: the trace, faults, and the limits
 * within which a program must get somewhere. */
#include "calls.h"

#include "at_hand.h"
#include "clock.h"
#include "threads.h"
#include "trace.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Between two useful things a program may make so many calls, and one more for
 * every millisecond: a timer of 10 ms stays far below, a busy loop does not. So
 * for a whole life. */
enum { CALLS_FREE = 250, CALLS_PER_LIFE = 40000, STACK_BELOW = 1 << 18 };

uint64_t world_calls, last_progress;
const char *world_interrupted;
static uint64_t calls_at_progress;
struct call_at_hand at_hand;

extern const char __executable_start;

static const struct world_rule spins = {"spins", "the server sleeps while there is nothing to do",
                                        "which call gives the same answer again and again, and what could change it?"};
static const struct world_rule endless = {"endless", "a life that ends", "what is repeated, and what would end it?"};
static const struct world_rule blocks = {"blocks", "no call waits but the one for events",
                                         "where is this descriptor made, and where is it made non-blocking?"};
static const struct world_rule closed = {"not_open", "only descriptors that are open, each closed once",
                                         "where was it closed, and which variable still holds its number?"};

static const struct world_rule unknown = {
    "not_modelled", "options and flags that the simulated kernel models (the README has the list)",
    "what is it needed for, and can a server do without it?"};

uint32_t caller_of(const void *return_address) {
    return (uint32_t)((const char *)return_address - &__executable_start);
}

static const char *frames_end; /* of the learner's functions: their stack lies above */

uint32_t called_from(const void *return_address, const void *frame) {
    frames_end = frame;
    return caller_of(return_address);
}

/* A stack has room for so much below, and nothing else lies there. */
bool returned_frame_has(const void *at) {
    return (const char *)at < frames_end && (const char *)at >= frames_end - STACK_BELOW;
}

void world_progress(void) {
    last_progress = clock_now;
    calls_at_progress = world_calls;
}

uint64_t world_calls_in_vain(void) {
    return world_calls - calls_at_progress;
}

void calls_reset(void);
void calls_reset(void) {
    world_calls = calls_at_progress = 0;
    world_accept_refused_ms = 0, world_accept_error = 0, world_interrupted = NULL;
    last_progress = clock_now;
    at_hand.name = NULL;
}

static void judge_pace(const char *name) {
    uint64_t calls = world_calls_in_vain(), life_ms = clock_now / NS_PER_MS,
             ms = (clock_now - last_progress) / NS_PER_MS;
    if (calls > CALLS_FREE + ms)
        world_fail(&spins,
                   "%lu system calls in %lu ms in which nothing was read, written, accepted or closed; the last: %s",
                   (unsigned long)calls, (unsigned long)ms, name);
    if (world_calls > CALLS_PER_LIFE + life_ms)
        world_fail(&endless, "no end after %lu system calls; the last: %s", (unsigned long)world_calls, name);
}

void call_begin(const char *name, uint32_t from) {
    thread_point();
    world_calls++;
    if (strcmp(name, "close") != 0) world_interrupted = NULL;
    at_hand = (struct call_at_hand){name, from};
    judge_pace(name);
    life_judge_printed();
    clock_advance(clock_now + 1000);
    world_hooks.step();
    urings_between_calls();
    ports_between_calls();
    at_hand = (struct call_at_hand){name, from};
}

static const char *error_name(int error) {
    const char *name = strerrorname_np(error);
    return name ? name : "?";
}

long call_end(long result, const char *format, ...) {
    if (!tracing) return result;
    int error = errno;
    char text[STEP_TEXT];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    char who[24] = "";
    if (thread_now > 0) snprintf(who, sizeof who, "worker %d: ", thread_now);
    if (result < 0)
        trace_step(0, at_hand.place, "%s%s = %s", who, text, error_name(error));
    else
        trace_step(0, at_hand.place, "%s%s = %ld", who, text, result);
    errno = error;
    return result;
}

/* Shown by world_fail: the call during which a rule was broken. */
void call_failed(void);
void call_failed(void) {
    if (at_hand.name) trace_step(0, at_hand.place, "%s", at_hand.name);
}

static bool signalled(void) {
    if (world_faults.signals > 0) return world_faults.signals--, true;
    return world_faults.interrupts && world_one_in(world_faults.interrupts);
}

bool interrupted(void) {
    if (!signalled()) return false;
    world_interrupted = at_hand.name;
    errno = EINTR;
    return true;
}

bool made_to_fail(const char *name) {
    if (!world_faults.failing_call || strcmp(world_faults.failing_call, name) != 0) return false;
    if (world_faults.failing_after > 0) return world_faults.failing_after--, false;
    world_faults.failing_call = NULL;
    errno = world_faults.failing_errno;
    return true;
}

void would_block(const char *what, int fd) {
    world_fail(&blocks, "%s on descriptor %d waits, since the descriptor is blocking: the whole server waits with it",
               what, fd);
}

void not_modelled(const char *call, const char *what) {
    world_fail(&unknown, "%s: the simulated kernel does not model %s", call, what);
}

struct file *known_file(int fd, const char *what) {
    struct file *file = descriptor_file(fd);
    if (!file)
        world_fail(&closed, "%s(%d), and descriptor %d is not open: the number may be given out again at any time",
                   what, fd, fd);
    return file;
}
