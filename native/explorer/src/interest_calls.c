/* SPDX-License-Identifier: MIT
 *
 * interest_calls.c -- epoll. Events come level- or edge-triggered, once or again and again; a wait may be interrupted.
 */
#include "clock_time.h"
#include "definedness.h"
#include "descriptors.h"
#include "kinds.h"
#include "models.h"
#include "progress.h"
#include "schedule.h"
#include "shadow.h"
#include "subject.h"
#include "thread.h"
#include "trace.h"
#include "verdict.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

enum { MAX_INTERESTS = 64, NS_PER_MS = 1000000 };

static struct interest {
    int list, number; /* list 0: free */
    struct epoll_event event;
    bool spent;    /* EPOLLONESHOT, and told */
    uint32_t told; /* edge-triggered: the descriptor's changes that are known */
} interests[MAX_INTERESTS];

void interests_reset(void) {
    memset(interests, 0, sizeof interests);
}

void interests_forget(int number) {
    for (int i = 0; i < MAX_INTERESTS; i++)
        if (interests[i].list == number || interests[i].number == number) interests[i].list = interests[i].number = 0;
}

static uint32_t events_of(const struct interest *interest) {
    if (!interest->list || interest->spent) return 0;
    if (interest->event.events & EPOLLET && descriptor_at(interest->number)->changes == interest->told) return 0;
    return descriptor_ready(interest->number) & (interest->event.events | EPOLLHUP | EPOLLERR);
}

bool interests_ready(int list) {
    for (int i = 0; i < MAX_INTERESTS; i++)
        if (interests[i].list == list && events_of(&interests[i])) return true;
    return false;
}

static struct interest *find(int list, int number) {
    for (int i = 0; i < MAX_INTERESTS; i++)
        if (interests[i].list == list && interests[i].number == number) return &interests[i];
    return NULL;
}

static int refuse(int error) {
    errno = error;
    return -1;
}

int model_epoll_create1(int flags) {
    (void)flags;
    schedule_point("makes an interest list", CALLER);
    return descriptor_new(DESCRIPTOR_INTERESTS, false);
}

static int change(int list, int command, int number, const struct epoll_event *event) {
    struct interest *interest = find(list, number);
    if (command == EPOLL_CTL_ADD && interest) return refuse(EEXIST);
    if (command != EPOLL_CTL_ADD && !interest) return refuse(ENOENT);
    if (command == EPOLL_CTL_DEL) {
        interest->list = interest->number = 0;
        return 0;
    }
    if (!interest) interest = find(0, 0);
    if (!interest) exceed("the program has interest in more than %d descriptors", MAX_INTERESTS);
    *interest = (struct interest){list, number, *event, false, descriptor_at(number)->changes - 1};
    return 0;
}

int model_epoll_ctl(int list, int command, int number, struct epoll_event *event) {
    uint32_t pc = CALLER;
    schedule_point("changes its interest", pc);
    struct descriptor *d = descriptor_at(list);
    if (!d || !descriptor_at(number)) return -1;
    if (d->kind != DESCRIPTOR_INTERESTS || list == number) return refuse(EINVAL);
    if (command != EPOLL_CTL_DEL) shadow_access((uintptr_t)event, sizeof *event, PLAIN_READ, pc, "reads");
    int answer = change(list, command, number, event);
    trace_step("changes its interest", pc, "in %d: %s", number, answer ? strerror(errno) : "done");
    descriptor_teach(d);
    return answer;
}

/* Or a signal handler has run: chance.c. */
static bool has_events(const struct thread *thread) {
    return thread->signalled || interests_ready((int)thread->wait.round);
}

/* Which ready ones come first is the kernel's choice. */
static int gather(int list, struct epoll_event *events, int most) {
    int count = 0;
    unsigned first = interests_ready(list) ? choose(CHOOSE_WAITER, 2) : 0;
    for (int i = 0; i < MAX_INTERESTS && count < most; i++) {
        struct interest *interest = &interests[first ? MAX_INTERESTS - 1 - i : i];
        uint32_t now = interest->list == list ? events_of(interest) : 0;
        if (!now) continue;
        struct descriptor *d = descriptor_at(interest->number);
        events[count++] = (struct epoll_event){now, interest->event.data};
        interest->told = d->changes;
        interest->spent = interest->event.events & EPOLLONESHOT;
        descriptor_learn(d);
    }
    return count;
}

int model_epoll_wait(int list, struct epoll_event *events, int most, int timeout_ms) {
    uint32_t pc = CALLER;
    schedule_point("waits for events", pc);
    struct descriptor *d = descriptor_at(list);
    if (!d) return -1;
    if (d->kind != DESCRIPTOR_INTERESTS || most < 1) return refuse(EINVAL);
    uint64_t deadline = timeout_ms < 0 ? NO_DEADLINE : progress_now_ns() + (uint64_t)timeout_ms * NS_PER_MS;
    struct wait wait = {WAIT_EVENTS, has_events, NULL, NULL, deadline, (uint32_t)list};
    descriptor_learn(d);
    running->signalled = false;
    if (timeout_ms) schedule_wait(&wait);
    bool interrupted = running->signalled && !interests_ready(list);
    running->signalled = false;
    if (interrupted) return refuse(EINTR);
    descriptor_learn(d);
    int count = gather(list, events, most);
    if (count) {
        shadow_access((uintptr_t)events, (size_t)count * sizeof *events, PLAIN_WRITE, pc, "is told in");
        definedness_set((uintptr_t)events, (size_t)count * sizeof *events);
    }
    trace_step("learns of events", pc, "%d", count);
    return count;
}
