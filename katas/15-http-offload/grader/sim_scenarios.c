/* SPDX-License-Identifier: MIT */
/* sim_scenarios.c -- what each kind of life is about. */
#include <errno.h>

#include "sim.h"

enum { SHORT_MS = 40, WAKES_MS = 10000 };

static struct request *any_request(struct client *c) {
    struct request *r;
    switch (world_choose(4)) {
    case 0:
        r = add_get(c);
        break;
    case 1:
        r = add_post(c, any_size(300));
        break;
    case 2:
        r = add_chunked(c, any_size(300));
        break;
    default:
        r = add_expecting(c, any_size(300));
    }
    if (world_choose(3)) r->ms = world_choose(SHORT_MS);
    return r;
}

/* Small buffers: short reads and writes in plenty. */
static struct client *talker(unsigned requests) {
    struct client *c = client_new(64 + any_size(2000), 64 + any_size(4000));
    c->piece = world_choose(2) ? SIZE_MAX : any_size(64);
    for (; requests > 0; requests--) any_request(c);
    c->in_step = world_choose(3) == 2;
    return c;
}

static void one(void) {
    clients_begin();
    add_get(client_new(4096, 4096))->answer_size = 100; /* one write */
    story.answer_alone = true;
    clients_serve();
}

static void order(void) {
    clients_begin();
    for (unsigned n = 1 + world_choose(3); n > 0; n--) {
        struct client *c = talker(1 + world_choose(6));
        unsigned end = world_choose(4);
        if (end == 1) add_bad(c);
        if (end == 2) add_closing(c);
        c->ends = world_choose(3) == 2;
    }
    story.limits.queue_max = 64;
    clients_serve();
}

/* Every worker has a handler that does not end before the others have what they want. */
static void busy(void) {
    clients_begin();
    for (size_t n = story.limits.workers + world_choose(2); n > 0; n--) {
        struct client *c = client_new(4096, 4096);
        add_get(c)->held = true;
    }
    struct client *c = client_new(4096, 64 + any_size(512));
    add_bad(c);
    struct client *late = client_new(4096, 4096);
    add_get(late), late->waits = true;
    clients_serve();
}

/* A client, and after a while another one. */
static void quiet(void) {
    clients_begin();
    if (world_choose(4) < 3) any_request(client_new(4096, 4096));
    struct client *late = client_new(4096, 4096);
    add_get(late), late->waits = true;
    story.quiet = QUIET_TO_COME;
    clients_serve();
}

static void queue(void) {
    clients_begin();
    story.limits.workers = 1 + world_choose(3), story.limits.queue_max = 1 + world_choose(3);
    story.one_by_one = story.may_be_full = true;
    for (size_t n = story.limits.workers + story.limits.queue_max + 1 + world_choose(2); n > 0; n--)
        add_get(client_new(4096, 4096))->held = true;
    clients_serve();
}

static void slow_sender(void) {
    struct client *c = client_new(4096, 4096);
    struct request *r = world_choose(2) ? add_post(c, 40) : add_get(c);
    c->stops_at = world_choose((unsigned)r->ends);
    if (world_choose(2)) {
        c->stops_at = r->ends;
        c->drips_ms = story.limits.request_timeout_ms / 10;
        if (r->is_post && world_choose(2)) c->drips_from = r->ends - 40; /* its head comes at once */
    }
}

/* The beginning of a second request comes with the first one, and nothing more. */
static void two_at_once(void) {
    struct client *c = client_new(4096, 4096);
    add_get(c)->ms = world_choose(2) ? 700 : 0;
    const struct request *r = add_get(c);
    c->stops_at = r->begins + 1 + world_choose((unsigned)(r->ends - r->begins) - 1);
}

/* After its last answer it sends a byte now and then, and does not end. */
static void talker_on(void) {
    struct client *c = client_new(4096, 4096);
    c->drips_from = world_choose(2) ? add_closing(c)->ends : add_bad(c)->ends;
    add_post(c, 100);
    c->drips_ms = story.limits.idle_timeout_ms / 4;
    c->talks_on = true;
}

static void slow_reader(bool never) {
    struct client *c = client_new(4096, 128);
    add_get(c)->answer_size = 4000;
    c->requests[0].answer_size = never ? 4000 : 500 + world_choose(100);
    c->never_reads = never;
    if (!never) c->sips_ms = story.limits.idle_timeout_ms / 2;
}

static void wake(void *nothing) {
    (void)nothing;
    world_progress();
    if (!story.stopping || world_now_ms() < story.stopped_ms + WAKES_MS) world_in_ms(100, wake, nothing);
}

/* Time goes by whatever the server does about it. */
static void timeouts(void) {
    clients_begin();
    story.limits.idle_timeout_ms = 300 + world_choose(200), story.limits.request_timeout_ms = 400 + world_choose(200);
    switch (world_choose(8)) {
    case 0:
        slow_sender();
        break;
    case 6:
        two_at_once();
        break;
    case 7:
        talker_on();
        break;
    case 1:
        slow_reader(true);
        break;
    case 2:
        slow_reader(false);
        break;
    case 3:
        add_get(client_new(4096, 4096))->ms = 1500;
        break;
    case 4:
        client_new(4096, 4096)->ends = false; /* says nothing at all */
        add_get(client_new(4096, 4096))->ms = 700;
        break;
    default:
        add_closing(client_new(4096, 4096));
    }
    world_in_ms(100, wake, &story);
    clients_serve();
}

static void leaving(void) {
    clients_begin();
    for (unsigned n = 1 + world_choose(3); n > 0; n--) {
        struct client *c = talker(1 + world_choose(4));
        c->resets = true, c->resets_at = world_choose((unsigned)c->length < 255 ? (unsigned)c->length + 1 : 256);
        if (world_choose(2)) c->resets_at = c->length;
        if (world_choose(2)) c->never_reads = true;
        for (int i = 0; i < c->count; i++) c->requests[i].held = world_choose(4) == 3;
    }
    talker(1 + world_choose(3));
    story.limits.queue_max = 64;
    clients_serve();
}

/* More pipelined requests than a server may begin. */
static struct client *impatient(void) {
    struct client *c = client_new(8192, 256);
    for (int n = 0; n < 90; n++) add_get(c)->answer_size = 300;
    return c;
}

/* It reads little by little, or never: nothing can be sent to it at the stop, either. */
static void too_slow_for_the_stop(void) {
    story.limits.idle_timeout_ms = 300 + world_choose(200);
    slow_reader(world_choose(2));
    story.clients[story.count - 1].requests[0].held = world_choose(2);
    world_in_ms(100, wake, &story);
}

static void stop(void) {
    clients_begin();
    for (unsigned n = 1 + world_choose(4); n > 0; n--) {
        struct client *c = talker(1 + world_choose(4));
        for (int i = 0; i < c->count; i++) c->requests[i].held = world_choose(2);
        c->resets = world_choose(5) == 4, c->resets_at = c->length;
    }
    if (world_choose(3) == 2) impatient();
    if (world_choose(3) == 2) too_slow_for_the_stop();
    story.limits.queue_max = 256;
    story.stop_comes_early = true, story.stop_when_busy = world_choose(2);
    clients_serve();
}

static void interrupts(void) {
    clients_begin();
    for (unsigned n = 1 + world_choose(3); n > 0; n--) talker(1 + world_choose(4))->ends = world_choose(2);
    world_faults.interrupts = 4 + world_choose(12);
    world_faults.spurious_wakeups = world_choose(2) ? 2 : 0;
    clients_serve();
}

/* From a client that never reads. */
static void pipelined(void) {
    clients_begin();
    story.limits.queue_max = 256, story.limits.idle_timeout_ms = 2000;
    struct client *c = impatient();
    c->never_reads = true;
    talker(2);
    world_in_ms(100, wake, &story);
    clients_serve();
}

static void another_closes(void *nothing) {
    (void)nothing;
    world_tell(0, "(elsewhere in the process, descriptors are closed)");
    world_faults.descriptors += MAX_PEERS;
    story.listener_waits = true, story.opened_ms = world_now_ms();
    world_progress();
}

static void few_descriptors(void) {
    clients_begin();
    for (unsigned n = 4 + world_choose(4); n > 0; n--) talker(1);
    world_faults.descriptors = 7;
    world_in_ms(300 + 10 * world_choose(100), another_closes, NULL);
    world_faults.full_errno = world_choose(2) ? ENFILE : EMFILE;
    clients_serve();
}

static void no_memory(void) {
    clients_begin();
    for (unsigned n = 2 + world_choose(4); n > 0; n--) talker(1 + world_choose(3));
    if (world_choose(2)) talker(1)->waits = true;
    story.may_lack_memory = true;
    world_faults.refused_memory = 3 + world_choose(6);
    clients_serve();
}

/* The first call that makes something fails, or a thread does not begin. */
static void beginning(void) {
    static const char *const calls[] = {"epoll_create1", "epoll_ctl", "pthread_create"};
    unsigned which = world_choose(3);
    clients_begin();
    story.limits.workers = 3;
    add_get(client_new(4096, 4096));
    world_faults.failing_call = calls[which];
    world_faults.failing_after = which == 0 ? 0 : which == 1 ? world_choose(2) : world_choose(3);
    world_faults.failing_errno = which == 1 ? ENOSPC : which == 0 ? EMFILE : EAGAIN;
    story.error_due = world_faults.failing_errno;
    clients_serve();
}

static void mixed(void) {
    clients_begin();
    for (unsigned n = 2 + world_choose(4); n > 0; n--) {
        struct client *c = talker(1 + world_choose(5));
        unsigned what = world_choose(8);
        if (what == 1) add_bad(c);
        if (what == 2) add_closing(c);
        if (what == 3) c->resets = true, c->resets_at = c->length;
        c->ends = world_choose(3) == 2;
    }
    story.limits.queue_max = 64;
    world_faults.interrupts = world_choose(2) ? 10 : 0;
    world_faults.spurious_wakeups = world_choose(2) ? 3 : 0;
    story.stop_comes_early = world_choose(2);
    clients_serve();
}

const struct world_scenario world_scenarios[] = {{"one", one},
                                                 {"order", order},
                                                 {"busy", busy},
                                                 {"quiet", quiet},
                                                 {"queue", queue},
                                                 {"timeouts", timeouts},
                                                 {"leaving", leaving},
                                                 {"stop", stop},
                                                 {"interrupts", interrupts},
                                                 {"pipelined", pipelined},
                                                 {"few_descriptors", few_descriptors},
                                                 {"no_memory", no_memory},
                                                 {"beginning", beginning},
                                                 {"mixed", mixed},
                                                 {0}};
