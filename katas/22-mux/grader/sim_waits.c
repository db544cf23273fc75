/* SPDX-License-Identifier: MIT */
/* sim_waits.c -- what a wait has to tell. Nothing happens but while the program
 * sleeps, and in callbacks; so what is ready at the first callback, or at the
 * return, was ready when the kernel was asked: that is the list. */
#include "sim.h"

#include <string.h>

/* A wait is over at most so much late: milliseconds are rounded up. */
enum { LATE_MS = 2, IDLE_MOST = 12 };

static const struct world_rule sleeps = {"sleeps", "a wait ends while a watch is ready",
                                         "was the kernel asked about this descriptor, and for these events?"};
static const struct world_rule missed = {
    "missed", "one callback for each watch that is ready",
    "what lies between the kernel's answer and the callbacks, and what is left out there?"};
static const struct world_rule nothing = {"not_ready", "a callback only for what was ready when the kernel was asked",
                                          "which events does the kernel report that nobody asked for?"};
static const struct world_rule deleted = {"deleted", "nothing is told of a watch after mux_del",
                                          "the list is older than the deletion: how could a line of it show that?"};
static const struct world_rule twice = {
    "twice", "one callback for each watch, with all its events",
    "a descriptor may be on several of the kernel's lists: who puts them together?"};
static const struct world_rule mixed = {
    "mixed", "the events on the list that the watch asks for now",
    "what is each kind's word for a hangup and for an error, and what was asked for?"};
static const struct world_rule stranger = {"stranger", "the mux, the descriptor and the context of the watch",
                                           "where do the arguments of the callback come from?"};
static const struct world_rule count = {"count", "the number of callbacks made", "what does mux_wait count?"};
static const struct world_rule early = {
    "early", "0 only when the time is up, and then at once",
    "how much time is left when a call returns before its time, and in which unit?"};

static void list_one(struct thing *t) {
    t->due.events = t->open && t->watched.on ? thing_ready(t) & t->watched.events : 0;
    t->due.serial = t->watched.serial, t->due.told = t->due.rested = false;
}

static void make_list(void) {
    if (story.wait.listed) return;
    for (struct thing *t = story.things; t < story.things + THINGS; t++) list_one(t);
    story.wait.listed = true;
}

static bool watch_lives(const struct thing *t) {
    return t->open && t->watched.on && t->watched.serial == t->due.serial;
}

void wait_forgets(struct thing *t) {
    if (!(t->watched.events & t->due.events)) t->due.rested = true;
}

static struct thing *watched_by(uint64_t serial) {
    for (struct thing *t = story.things; t < story.things + THINGS; t++)
        if (t->open && t->watched.on && t->watched.serial == serial) return t;
    return NULL;
}

void judge_callback(struct mux *mux, int fd, unsigned events, uint64_t serial) {
    make_list();
    story.wait.made++;
    if (serial == 0 || serial > story.serials || mux != story.mux)
        world_fail(&stranger, "a callback with another %s than was added", mux != story.mux ? "mux" : "context");
    struct thing *t = watched_by(serial);
    if (!t)
        world_fail(&deleted, "a callback for descriptor %d, whose watch %lu was deleted before", fd,
                   (unsigned long)serial);
    if (t->fd != fd) world_fail(&stranger, "a callback for descriptor %d, with the context of %d", fd, t->fd);
    if (t->due.serial != serial)
        world_fail(&deleted, "a callback for descriptor %d, which was added in a callback of the same wait", fd);
    if (t->due.events == 0)
        world_fail(&nothing, "a callback for descriptor %d with %s; it asks for %s and was ready for none of them", fd,
                   events_name(events), events_name(t->watched.events));
    if (t->due.told) world_fail(&twice, "two callbacks for descriptor %d in one wait", fd);
    if (events != (t->due.events & t->watched.events))
        world_fail(&mixed, "a callback for descriptor %d with %s, and not %s", fd, events_name(events),
                   events_name(t->due.events & t->watched.events));
    t->due.told = true;
}

static void judge_missed(void) {
    make_list();
    for (struct thing *t = story.things; t < story.things + THINGS; t++)
        if (t->due.events && watch_lives(t) && !t->due.told && !t->due.rested)
            world_fail(&missed, "no callback for descriptor %d, ready for %s", t->fd, events_name(t->due.events));
}

static void judge_time(uint64_t passed_ms, bool ready_before) {
    int timeout_ms = story.wait.timeout_ms;
    if (ready_before && passed_ms > 1)
        world_fail(&early, "mux_wait slept for %lu ms though a watch was ready", (unsigned long)passed_ms);
    if (story.wait.made > 0) return;
    if (timeout_ms < 0 || passed_ms < (uint64_t)timeout_ms)
        world_fail(&early, "mux_wait(%d ms) -> 0 after %lu ms, and no callback", timeout_ms, (unsigned long)passed_ms);
    if (passed_ms > (uint64_t)timeout_ms + LATE_MS)
        world_fail(&early, "mux_wait(%d ms) -> 0 after %lu ms%s", timeout_ms, (unsigned long)passed_ms,
                   story.wait.signals ? ", with a signal in between" : "");
}

static bool any_ready(void) {
    for (struct thing *t = story.things; t < story.things + THINGS; t++)
        if (t->open && t->watched.on && thing_ready(t) & t->watched.events) return true;
    return false;
}

int wait_for(int timeout_ms) {
    bool ready_before = any_ready();
    memset(&story.wait, 0, sizeof story.wait);
    story.wait.under_way = true, story.wait.timeout_ms = timeout_ms, story.wait.since_ms = world_now_ms();
    world_tell(0, "(mux_wait for %d ms)", timeout_ms);
    int answer = mux_wait(story.mux, timeout_ms);
    uint64_t passed_ms = world_now_ms() - story.wait.since_ms;
    story.wait.under_way = false;
    world_progress();
    if (answer != story.wait.made)
        world_fail(&count, "mux_wait -> %d, and %d callback%s", answer, story.wait.made,
                   story.wait.made == 1 ? "" : "s");
    judge_missed();
    judge_time(passed_ms, ready_before);
    return answer;
}

static void judge_sleep(void) {
    for (struct thing *t = story.things; t < story.things + THINGS; t++)
        if (t->open && t->watched.on && thing_ready(t) & t->watched.events)
            world_fail(&sleeps, "mux_wait sleeps, and descriptor %d is ready for %s", t->fd,
                       events_name(thing_ready(t) & t->watched.events));
}

static struct thing *one_that_asks(void) {
    for (struct thing *t = story.things; t < story.things + THINGS; t++)
        if (t->open && t->watched.on && t->watched.events) return t;
    return NULL;
}

/* Mostly something that nobody waits for; a wait without limit must end some time. */
static bool idle(void) {
    judge_sleep();
    if (story.quiet) return false;
    struct thing *t = thing_any(true);
    bool must = story.wait.timeout_ms < 0;
    story.wait.idle++;
    if (!t || (!must && (world_choose(2) == 0 || story.wait.idle > IDLE_MOST))) return false;
    if (story.wait.idle > IDLE_MOST || world_choose(3) == 0) {
        if (must && !t->watched.events) t = one_that_asks();
        if (t && t->watched.events) thing_make_ready(t, t->watched.events);
    } else {
        thing_change(t);
    }
    return true;
}

static void step(void) {
}

/* Time is up where the program cannot know it, or a wait without limit and without hope. */
static void stuck(void) {
    judge_sleep();
    if (story.wait.timeout_ms < 0) world_leave();
}

static void wrote(struct peer *p, const unsigned char *bytes, size_t size) {
    (void)p, (void)bytes, (void)size;
}

static void moved(struct peer *p, size_t size, bool in) {
    (void)p, (void)size, (void)in;
}

static const struct world_rule callers = {"callers", "what is watched stays open: it is the caller's",
                                          "which descriptors does a mux make itself?"};

static void judge_close(int fd) {
    if (!story.judges_end) world_leave();
    world_fail(&callers, "close(%d) closes a descriptor of the caller's", fd);
}

static void closing(int fd, struct peer *p) {
    (void)p;
    for (struct thing *t = story.things; t < story.things + THINGS; t++)
        if (t->open && (t->fd == fd || t->other == fd)) judge_close(fd);
}

void wait_hooks(void) {
    world_hooks = (struct world_hooks){step, idle, stuck, wrote, moved, closing};
}
