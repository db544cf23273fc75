/* SPDX-License-Identifier: MIT */
/* sim_things.c -- the descriptors: events, and both ends of pipes. Together they become
 * ready in every way that there is: bytes, room, none, a hangup, an error. */
#include "sim.h"

#include <sys/epoll.h>

const char *kind_name(enum mux_kind kind) {
    static const char *const names[] = {"MUX_SELECT", "MUX_POLL", "MUX_EPOLL"};
    return names[kind];
}

const char *events_name(unsigned events) {
    static const char *const names[] = {"0", "MUX_IN", "MUX_OUT", "MUX_IN | MUX_OUT"};
    return events < 4 ? names[events] : "other events";
}

struct thing *thing_new(enum thing_kind kind) {
    struct thing *t = story.things;
    while (t < story.things + story.most && t->open) t++;
    if (t == story.things + story.most) return NULL;
    *t = (struct thing){.open = true, .kind = kind, .other = -1};
    int writer;
    if (kind == EVENT)
        t->fd = world_event();
    else if (kind == READER)
        t->fd = world_pipe(&t->other);
    else
        t->other = world_pipe(&writer), t->fd = writer;
    return t;
}

struct thing *thing_any(bool watched) {
    struct thing *fit[THINGS];
    unsigned count = 0;
    for (struct thing *t = story.things; t < story.things + THINGS; t++)
        if (t->open && t->watched.on == watched) fit[count++] = t;
    return count > 0 ? fit[world_choose(count)] : NULL;
}

unsigned thing_may_ask(const struct thing *t) {
    return t->kind == EVENT ? MUX_IN | MUX_OUT : t->kind == READER ? MUX_IN : MUX_OUT;
}

/* The header's rule, in the words of poll. */
unsigned thing_ready(const struct thing *t) {
    uint32_t now = world_ready(t->fd);
    unsigned in = now & (EPOLLIN | EPOLLHUP | EPOLLERR) ? MUX_IN : 0;
    return in | (now & (EPOLLOUT | EPOLLERR) ? MUX_OUT : 0u);
}

void thing_close(struct thing *t) {
    world_tell(0, "(descriptor %d is closed)", t->fd);
    world_release(t->fd);
    if (t->other >= 0) world_release(t->other);
    t->open = false;
}

void thing_hang_up(struct thing *t) {
    world_tell(0, "(the other end of descriptor %d is closed)", t->fd);
    world_release(t->other);
    t->other = -1;
    world_progress();
}

static void raise_it(struct thing *t) {
    world_tell(0, "(descriptor %d becomes readable)", t->fd);
    if (t->kind == EVENT) world_lower(t->fd); /* it may be full */
    world_raise(t->kind == EVENT ? t->fd : t->other);
}

static void lower_it(struct thing *t) {
    world_tell(0, "(descriptor %d is emptied)", t->fd);
    world_lower(t->kind == WRITER ? t->other : t->fd);
}

static void fill_it(struct thing *t) {
    world_tell(0, "(descriptor %d is filled)", t->fd);
    world_fill(t->fd);
}

/* An end without the other one only stays as it is; except that what came before can be read. */
void thing_change(struct thing *t) {
    bool alone = t->kind != EVENT && t->other < 0;
    unsigned what = world_choose(8);
    if (alone && t->kind == READER && what < 4)
        lower_it(t);
    else if (alone)
        return;
    else if (what < 3)
        t->kind == WRITER ? fill_it(t) : raise_it(t);
    else if (what < 6)
        lower_it(t);
    else if (t->kind == EVENT)
        fill_it(t);
    else
        thing_hang_up(t);
}

void thing_make_ready(struct thing *t, unsigned events) {
    if (thing_ready(t) & events) return;
    if (t->other >= 0 && world_choose(3) == 2)
        thing_hang_up(t);
    else if (events & MUX_IN)
        raise_it(t);
    else
        lower_it(t);
}
