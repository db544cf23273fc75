/* SPDX-License-Identifier: MIT */
/* sim_others.c -- muxes side by side, without memory, and at their end. */
#include "sim.h"

#include <errno.h>

static const struct world_rule shared = {"shared", "different muxes share nothing",
                                         "which variable would a second mux find in use?"};
static const struct world_rule given_back = {"given_back", "mux_free gives everything back",
                                             "what does each kind open or allocate, and who ends it?"};
static const struct world_rule inherited = {"inherited", "what a mux opens for itself is closed on exec",
                                            "which flag does the call take that makes this descriptor?"};
static const struct world_rule no_memory = {"no_memory",
                                            "-ENOMEM from mux_add, NULL and ENOMEM from mux_new, nothing else",
                                            "which allocation is not checked, or comes too late?"};

static struct {
    struct mux *mux;
    int told;
} side;

static void count(struct mux *mux, int fd, unsigned events, void *context) {
    (void)fd, (void)events;
    if (mux != side.mux || context != &side) world_fail(&shared, "a callback with the arguments of another mux");
    side.told++;
}

/* Within a callback of one mux the other one waits, for the same descriptors. */
static void ask_the_other(void) {
    int due = 0;
    side.told = 0;
    for (struct thing *t = story.things; t < story.things + THINGS; t++)
        due += t->open && thing_ready(t) & thing_may_ask(t);
    int answer = mux_wait(side.mux, 0);
    if (answer != due || side.told != due)
        world_fail(&shared, "in a callback mux_wait of another mux -> %d with %d callbacks, and %d watches were ready",
                   answer, side.told, due);
}

void side_by_side(void) {
    side.mux = mux_new((enum mux_kind)world_choose(3));
    if (!side.mux) world_fail(&shared, "mux_new -> NULL for a second mux");
    for (unsigned n = 2 + world_choose(5); n > 0; n--) {
        struct thing *t = thing_new((enum thing_kind)world_choose(3));
        if (world_choose(2)) watch_add(t, thing_may_ask(t));
        answered(mux_add(side.mux, t->fd, thing_may_ask(t), count, &side), 0, "mux_add to another mux", t->fd);
        if (!t->watched.on) watch_add(t, thing_may_ask(t));
    }
    story.inside = ask_the_other;
    for (unsigned n = 3 + world_choose(4); n > 0; n--) {
        thing_change(thing_any(true));
        wait_some_time();
    }
    mux_free(side.mux);
    story.inside = NULL;
    wait_some_time();
    story_end();
}

void gives_back(void) {
    story.judges_end = true;
    for (unsigned n = 2 + world_choose(8); n > 0; n--) {
        act();
        if (world_choose(2)) wait_some_time();
        const char *call;
        int fd = world_inherited(&call);
        if (fd >= 0) world_fail(&inherited, "descriptor %d, made by %s, outlives an exec", fd, call);
    }
    story_end();
    int left = world_open_descriptors();
    if (left > 0)
        world_fail(&given_back, "%d descriptor%s still open after mux_free", left, left == 1 ? " is" : "s are");
    mux_free(NULL);
}

static bool refused(uint64_t before) {
    return world_refused_memory > before;
}

static void add_if_possible(void) {
    struct thing *t = thing_new(EVENT);
    if (!t) return;
    uint64_t before = world_refused_memory;
    int answer = mux_add(story.mux, t->fd, MUX_IN, on_ready, (void *)(uintptr_t)((story.serials + 1) * 8));
    if (answer == -ENOMEM && refused(before)) return;
    if (answer != 0)
        world_fail(&no_memory, "mux_add -> -%s, with %s refused", error_text(-answer),
                   refused(before) ? "an allocation" : "nothing");
    t->watched = (struct watched){true, MUX_IN, ++story.serials};
}

static void judge_no_mux(void) {
    if (errno != ENOMEM || !refused(0))
        world_fail(&no_memory, "mux_new -> NULL, errno %s, with %s refused", error_text(errno),
                   refused(0) ? "an allocation" : "nothing");
    if (world_open_descriptors() > 0) world_fail(&no_memory, "mux_new -> NULL, and a descriptor is left open");
    world_check_memory();
}

void without_memory(void) {
    if (!story.mux) {
        judge_no_mux();
        return;
    }
    story.most = THINGS, story.judges_end = true;
    world_faults.refused_memory = 1 + world_choose(4);
    for (unsigned n = 20 + world_choose(40); n > 0; n--) {
        add_if_possible();
        struct thing *t = thing_any(true);
        if (t && world_choose(2)) watch_mod(t, MUX_IN);
        if (t && world_choose(6) == 5) watch_del(t);
        if (t && world_choose(2)) thing_change(t);
        if (world_choose(4) == 3) (void)wait_for(0);
    }
    story_end();
}
