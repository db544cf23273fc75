/* SPDX-License-Identifier: MIT */
/* sim_watches.c -- calls of the mux, and what it has to know after them. */
#include "sim.h"

#include <errno.h>
#include <string.h>

struct story story;

static const struct world_rule answers = {"answers", "what mux.h says this call answers",
                                          "what does the table hold about this descriptor at this moment?"};
static const struct world_rule made = {"made", "a mux", "mux_new: which kinds does it know?"};

const char *error_text(int error) {
    const char *known = error > 0 ? strerrorname_np(error) : NULL;
    return known ? known : "no error's number";
}

void answered(int answer, int expected, const char *call, int fd) {
    world_tell(0, "(%s of descriptor %d answers %s%s)", call, fd, answer < 0 ? "-" : "",
               answer < 0 ? error_text(-answer)
               : answer   ? "a number"
                          : "0");
    if (answer == expected) return;
    if (answer < 0 && expected < 0)
        world_fail(&answers, "%s of descriptor %d -> -%s, and not -%s, with %s", call, fd, error_text(-answer),
                   error_text(-expected), kind_name(story.kind));
    if (answer < 0)
        world_fail(&answers, "%s of descriptor %d -> -%s, and not 0, with %s", call, fd, error_text(-answer),
                   kind_name(story.kind));
    world_fail(&answers, "%s of descriptor %d -> %d, and not %s%s, with %s", call, fd, answer, expected ? "-" : "",
               expected ? error_text(-expected) : "0", kind_name(story.kind));
}

void story_open(enum mux_kind kind) {
    memset(&story, 0, sizeof story);
    story.kind = kind, story.most = FEW;
    wait_hooks();
    errno = 0;
    story.mux = mux_new(kind);
}

void story_begin(enum mux_kind kind) {
    story_open(kind);
    if (!story.mux)
        world_fail(&made, "mux_new(%s) -> NULL, errno %s", kind_name(kind), errno ? error_text(errno) : "not set");
}

void story_end(void) {
    mux_free(story.mux);
    if (story.judges_end) world_check_memory();
}

/* The watch is known by its context, as a caller's would be. */
static void *context_of(uint64_t serial) {
    return (void *)(uintptr_t)(serial * 8);
}

void watch_add(struct thing *t, unsigned events) {
    uint64_t serial = ++story.serials;
    world_tell(0, "(mux_add of %d for %s)", t->fd, events_name(events));
    answered(mux_add(story.mux, t->fd, events, on_ready, context_of(serial)), 0, "mux_add", t->fd);
    t->watched = (struct watched){true, events, serial};
}

void watch_mod(struct thing *t, unsigned events) {
    world_tell(0, "(mux_mod of %d to %s)", t->fd, events_name(events));
    answered(mux_mod(story.mux, t->fd, events), 0, "mux_mod", t->fd);
    t->watched.events = events;
    wait_forgets(t);
}

void watch_del(struct thing *t) {
    answered(mux_del(story.mux, t->fd), 0, "mux_del", t->fd);
    t->watched.on = false;
}

void on_ready(struct mux *mux, int fd, unsigned events, void *context) {
    world_tell(0, "(callback: descriptor %d, %s)", fd, events_name(events));
    judge_callback(mux, fd, events, (uintptr_t)context / 8);
    world_progress();
    if (story.inside) story.inside();
}
