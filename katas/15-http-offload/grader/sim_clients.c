/* SPDX-License-Identifier: MIT */
/* sim_clients.c -- what clients do, one small action at a time. */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

struct story story;
static char texts[CLIENTS_MAX][TEXT_MAX];

enum { STEP_ACTIONS = 3, SIP = 60 };
enum action { CONNECT, SEND, RECEIVE, END, RESET, STOP, ACTIONS };

size_t any_size(size_t most) {
    unsigned bits = 0;
    while (most >> bits > 1) bits++;
    size_t below = (size_t)1 << world_choose(bits + 1);
    size_t size = below + world_choose(below < 256 ? (unsigned)below : 256) * (below < 256 ? 1 : below / 256);
    return size < most ? size : most;
}

static bool is_open(const struct client *c) {
    return c->peer->state == QUEUED || c->peer->state == ACCEPTED;
}

bool client_gone(const struct client *c) {
    return c->peer->rst || c->let_go || c->peer->lost_in_the_queue;
}

static int due(const struct client *c) {
    int count = 0;
    for (const struct request *r = c->requests; r < c->requests + c->count; r++) {
        if (r->ends > c->stops_at) break;
        count++;
        if (r->bad || r->closes) break;
    }
    return count;
}

bool client_content(const struct client *c) {
    if (client_gone(c)) return true;
    bool closed = c->peer->state == CLOSED;
    if (c->resets || c->peer->sent < c->stops_at) return closed && (c->ended_by_server || c->peer->fin);
    if (c->never_reads) return false;
    if (c->answered < due(c) || c->stops_at < c->length) return closed && c->ended_by_server;
    return c->ended_by_server || c->ends ? closed : true;
}

static bool others_content(const struct client *c) {
    for (const struct client *o = story.clients; o < story.clients + story.count; o++)
        if (o != c && !o->waits && !client_content(o)) return false;
    return true;
}

/* One that waits comes when the others are content, and the quiet is over. */
static bool may_come(const struct client *c) {
    return !c->waits || (story.quiet == NO_QUIET && others_content(c));
}

/* In the scenario of the queue each request comes when those before it are where they belong. */
static bool is_its_turn(const struct client *c) {
    for (const struct client *o = story.clients; story.one_by_one && o < c; o++) {
        bool on_a_worker = (size_t)(o - story.clients) < story.limits.workers;
        if (!o->requests[0].complete_ms || (on_a_worker && !o->requests[0].begun)) return false;
    }
    return true;
}

/* Up to where it may send now. */
static uint64_t sends_to(const struct client *c) {
    for (const struct request *r = c->requests; r < c->requests + c->count; r++) {
        if (c->in_step && r->number > c->answered) return r->begins < c->stops_at ? r->begins : c->stops_at;
        if (r->waits && !r->invited && !r->status) return r->body_begins < c->stops_at ? r->body_begins : c->stops_at;
    }
    return c->stops_at;
}

static uint64_t room_to_send(const struct client *c) {
    const struct peer *p = c->peer;
    bool drips = c->drips_ms && p->sent >= c->drips_from;
    if (p->fin || p->rst || !is_open(c) || (c->ended_by_server && !c->talks_on) || (drips && !c->drip)) return 0;
    uint64_t to = sends_to(c), left = to > p->sent ? to - p->sent : 0, room = p->in.size - p->in.used;
    if (drips && left > 1) left = 1;
    if (c->drips_ms && !drips && left > c->drips_from - p->sent) left = c->drips_from - p->sent;
    return left < room ? left : room;
}

static bool may_end(const struct client *c) {
    const struct peer *p = c->peer;
    if (p->fin || p->rst || !is_open(c)) return false;
    if (p->server_fin && p->received == p->echoed && !c->talks_on) return true;
    return c->ends && p->sent == c->stops_at;
}

static bool may(const struct client *c, enum action action) {
    const struct peer *p = c->peer;
    switch (action) {
    case CONNECT:
        return p->state == UNBORN && peer_may_connect() && is_its_turn(c) && may_come(c);
    case SEND:
        return room_to_send(c) > 0;
    case RECEIVE:
        return peer_arrived(p) > 0 && !p->rst && !c->never_reads && (!c->sips_ms || c->sip);
    case END:
        return may_end(c);
    case RESET:
        return c->resets && !p->rst && (p->sent >= c->resets_at || room_to_send(c) == 0) && is_open(c);
    default:
        return false;
    }
}

static void act(struct client *c, enum action action) {
    struct peer *p = c->peer;
    uint64_t room = room_to_send(c), most = room < c->piece ? room : c->piece, arrived = peer_arrived(p);
    switch (action) {
    case CONNECT:
        peer_connect(p);
        break;
    case SEND:
        c->drip = false;
        peer_send(p, (const unsigned char *)c->text + p->sent, most - world_choose(most < 256 ? (unsigned)most : 256));
        break;
    case RECEIVE:
        peer_receive(p, c->sips_ms ? (arrived < SIP ? arrived : SIP)
                                   : arrived - world_choose(arrived < 256 ? (unsigned)arrived : 256));
        c->sip = false;
        break;
    case END:
        peer_half_close(p);
        break;
    default:
        peer_reset(p);
    }
}

void story_stop(void) {
    story.stopping = true, story.stopped_ms = world_now_ms();
    for (struct client *c = story.clients; c < story.clients + story.count; c++) c->read_at_stop = c->peer->read;
    world_tell(0, "(stop_fd becomes readable)");
    world_raise(story.stop_writer);
}

/* One thing that can happen, at the plainest the first; false: nothing can. */
bool something_happens(void) {
    unsigned ways[CLIENTS_MAX * ACTIONS + 1], count = 0;
    for (int i = 0; i < story.count; i++)
        for (unsigned a = CONNECT; a < STOP; a++)
            if (may(&story.clients[i], a)) ways[count++] = (unsigned)i * ACTIONS + a;
    if (story.stop_comes_early && !story.stopping && (story.running > 0 || !story.stop_when_busy)) ways[count++] = STOP;
    if (count == 0) return false;
    unsigned way = ways[world_choose(count)];
    if (way % ACTIONS == STOP)
        story_stop();
    else
        act(&story.clients[way / ACTIONS], way % ACTIONS);
    return true;
}

static void note_accepted(void) {
    for (struct client *c = story.clients; c < story.clients + story.count; c++)
        if (c->peer->state == ACCEPTED && !c->moved_ms) c->moved_ms = world_now_ms(), c->moved_turn = story.turns;
}

static void step(void) {
    if (!story.serving) return;
    note_accepted();
    for (unsigned n = world_choose(STEP_ACTIONS); n > 0; n--) something_happens();
}

static bool all_content(void) {
    for (int i = 0; i < story.count; i++)
        if (!client_content(&story.clients[i])) return false;
    return true;
}

static bool idle(void) {
    note_accepted();
    rule_sleeps();
    if (something_happens()) return true;
    if (story.quiet == QUIET_TO_COME && others_content(&story.clients[story.count - 1])) {
        quiet_begins();
        return true;
    }
    if (!story.stopping && all_content()) {
        if (story.answer_alone) world_leave();
        story_stop();
        return true;
    }
    handler_let_go();
    return false;
}

static void tick(void *client) {
    struct client *c = client;
    if (!is_open(c) && c->peer->state != UNBORN) return;
    c->sip = c->drip = true;
    world_in_ms(c->sips_ms ? c->sips_ms : c->drips_ms, tick, c);
}

void clients_begin(void) {
    for (struct client *c = story.clients; c < story.clients + story.count; c++)
        for (struct request *r = c->requests; r < c->requests + c->count; r++) free(r->answer);
    memset(&story, 0, sizeof story);
    story.limits = (struct http_limits){1 + world_choose(3), 16, 512, 8192, 60000, 60000};
    world_hooks = (struct world_hooks){.step = step,
                                       .idle = idle,
                                       .stuck = rule_stuck,
                                       .wrote = rule_wrote,
                                       .moved = rule_moved,
                                       .closing = rule_closing};
}

struct client *client_new(size_t in_bytes, size_t out_bytes) {
    struct client *c = &story.clients[story.count];
    *c = (struct client){.text = texts[story.count++], .piece = SIZE_MAX};
    c->peer = world_peer(story.count, in_bytes, out_bytes);
    return c;
}

/* The driver's own calls, of the simulated kernel's. */
int sim_socket(int, int, int);
int sim_bind(int, const struct sockaddr *, socklen_t);
int sim_listen(int, int);

static void make_descriptors(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    story.listen_fd = sim_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sim_bind(story.listen_fd, (struct sockaddr *)&address, sizeof address);
    sim_listen(story.listen_fd, MAX_PEERS);
    world_guard(story.listen_fd, "listen_fd");
    if (world_choose(2))
        story.stop_fd = world_pipe(&story.stop_writer);
    else
        story.stop_fd = story.stop_writer = world_event();
    world_guard(story.stop_fd, "stop_fd");
    story.descriptors = world_open_descriptors();
}

void clients_serve(void) {
    unsigned interrupts = world_faults.interrupts;
    world_faults.interrupts = 0; /* not of the driver's own calls */
    make_descriptors();
    world_faults.interrupts = interrupts;
    story.serving = true;
    if (story.stop_comes_early && world_choose(8) == 7) story_stop();
    for (struct client *c = story.clients; c < story.clients + story.count; c++)
        if (c->sips_ms || c->drips_ms) tick(c);
    rule_returned(http_serve(story.listen_fd, story.stop_fd, story.limits, handler, &story));
}
