/* SPDX-License-Identifier: MIT */
/* sim_clients.c -- what clients do, one small action at a time. */
#include "sim.h"

#include <string.h>

struct story story;

enum { PATTERN = 4093, STRIDE = 977, STEP_ACTIONS = 3, TICKING_MS = 3000 }; /* the clock begins at 1,000 */
enum action { CONNECT, SEND, RECEIVE, END, RESET, STOP, ACTIONS };

static unsigned char pattern[PATTERN];

/* Every client has a place of its own in the same pattern, so that bytes that
 * are lost, repeated or mixed up between clients are seen. */
const unsigned char *stream_at(int client, uint64_t at, size_t *run) {
    if (!pattern[1])
        for (uint32_t i = 0, z = 1; i < PATTERN; i++)
            pattern[i] = (unsigned char)((z = z * 1664525u + 1013904223u) >> 24);
    size_t start = (size_t)(((uint64_t)client * STRIDE + at) % PATTERN);
    *run = PATTERN - start;
    return pattern + start;
}

size_t any_size(size_t most) {
    unsigned bits = 0;
    while (most >> bits > 1) bits++;
    size_t below = (size_t)1 << world_choose(bits + 1);
    size_t size = below + world_choose(below < 256 ? (unsigned)below : 256) * (below < 256 ? 1 : below / 256);
    return size < most ? size : most;
}

static uint64_t room_to_send(const struct client *c) {
    const struct peer *p = c->peer;
    uint64_t left = c->wants - p->sent, room = p->in.size - p->in.used;
    if (p->fin || p->rst || (p->state != QUEUED && p->state != ACCEPTED)) return 0;
    if (c->in_step && p->received < p->sent) return 0;
    return left < room ? left : room;
}

/* No other client has anything left to do. */
static bool others_done(const struct client *c) {
    for (const struct client *o = story.clients; o < story.clients + story.count; o++)
        if (o != c && !o->reads_late && !client_content(o)) return false;
    return true;
}

static bool may_receive(const struct client *c) {
    return peer_arrived(c->peer) > 0 && !c->peer->rst && !c->never_reads && world_now_ms() >= c->away_until_ms &&
           (!c->reads_late || others_done(c));
}

static bool may_end(const struct client *c) {
    const struct peer *p = c->peer;
    if (!c->ends || p->fin || p->rst || p->state == UNBORN || p->state == CLOSED) return false;
    return p->sent == c->wants && (c->ends_early || p->received == c->wants);
}

static bool may_reset(const struct client *c) {
    const struct peer *p = c->peer;
    return c->resets && !p->rst && p->sent >= c->resets_at && (p->fin || !c->ends_first) &&
           (p->state == QUEUED || p->state == ACCEPTED);
}

static bool may(const struct client *c, enum action action) {
    switch (action) {
    case CONNECT:
        return c->peer->state == UNBORN && peer_may_connect() && story.clients[0].peer->sent >= c->comes_after;
    case SEND:
        return room_to_send(c) > 0;
    case RECEIVE:
        return may_receive(c);
    case END:
        return may_end(c);
    case RESET:
        return may_reset(c);
    default:
        return false;
    }
}

static void send_some(struct client *c, size_t size) {
    while (size > 0) {
        size_t run;
        const unsigned char *bytes = stream_at(c->peer->number, c->peer->sent, &run);
        size_t now = run < size ? run : size;
        peer_send(c->peer, bytes, now);
        size -= now;
    }
}

static void connect_client(struct client *c) {
    peer_connect(c->peer);
    if (c->at_once) send_some(c, c->wants), peer_half_close(c->peer);
}

static void connect_together(void) {
    for (struct client *c = story.clients; c < story.clients + story.count; c++)
        if (c->together && c->peer->state == UNBORN && peer_may_connect()) connect_client(c);
}

static void tick(void *client) {
    struct client *c = client;
    if (story.stopping || world_now_ms() > TICKING_MS) return;
    if (c->peer->state == ACCEPTED && c->peer->in.used < c->peer->in.size) c->wants++, send_some(c, 1);
    world_in_ms(c->every_ms, tick, c);
}

void client_ticks(struct client *c, unsigned every_ms) {
    c->every_ms = every_ms;
    world_in_ms(every_ms, tick, c);
}

static void act(struct client *c, enum action action) {
    uint64_t room = room_to_send(c), most = room < c->piece ? room : c->piece;
    switch (action) {
    case CONNECT:
        c->together ? connect_together() : connect_client(c);
        break;
    case SEND:
        send_some(c, most - world_choose((unsigned)most));
        break;
    case RECEIVE:
        peer_receive(c->peer, peer_arrived(c->peer) - world_choose((unsigned)peer_arrived(c->peer)));
        break;
    case END:
        peer_half_close(c->peer);
        break;
    case RESET:
        if (c->lost_by)
            peer_vanish(c->peer, c->lost_by);
        else
            peer_reset(c->peer);
        break;
    default:
        break;
    }
}

static void keep_flooding(struct client *c) {
    if (!c->floods || (c->peer->state != QUEUED && c->peer->state != ACCEPTED)) return;
    if (peer_arrived(c->peer) > 0) peer_receive(c->peer, peer_arrived(c->peer));
    uint64_t room = room_to_send(c);
    if (room > 0) send_some(c, room);
}

static void stop(void) {
    story.stopping = true, story.stopped_at = world_calls;
    story.hung_up = story.judged.after_stop && story.stop_writer != story.stop_fd && world_choose(2);
    if (interface.stop)
        world_tell(0, "(%s)", interface.stop);
    else
        world_tell(0, story.hung_up ? "(the other end of stop_fd is closed)" : "(stop_fd becomes readable)");
    for (struct client *c = story.clients; c < story.clients + story.count; c++)
        if (c->never_ends) c->floods = true, c->wants = UINT64_MAX, keep_flooding(c);
    if (story.hung_up)
        world_release(story.stop_writer);
    else
        world_raise(story.stop_writer);
}

/* One thing that can happen, at the plainest the first; false: nothing can. */
static bool something_happens(void) {
    unsigned ways[MAX_PEERS * ACTIONS + 1], count = 0;
    for (int i = 0; i < story.count; i++)
        for (unsigned a = CONNECT; a < STOP; a++)
            if (may(&story.clients[i], a)) ways[count++] = (unsigned)i * ACTIONS + a;
    if (story.judged.stop_comes_early && !story.stopping) ways[count++] = STOP;
    if (count == 0) return false;
    unsigned way = ways[world_choose(count)];
    if (way % ACTIONS == STOP)
        stop();
    else
        act(&story.clients[way / ACTIONS], way % ACTIONS);
    return true;
}

static void step(void) {
    rule_stops_soon();
    if (story.input_closes_at && world_calls >= story.input_closes_at) story.input_closes_at = 0, world_release(0);
    for (int i = 0; i < story.count; i++) keep_flooding(&story.clients[i]);
    for (unsigned n = world_choose(STEP_ACTIONS); n > 0; n--) something_happens();
}

static bool all_content(void) {
    for (int i = 0; i < story.count; i++)
        if (!client_content(&story.clients[i])) return false;
    return true;
}

static bool idle(void) {
    rule_sleeps();
    if (world_faults.network_errors > 0) rule_accepts_soon();
    if (something_happens()) return true;
    if (story.stopping || !all_content()) return false;
    if (story.judged.echo_alone) world_leave();
    stop();
    return true;
}

void clients_begin(void) {
    memset(&story, 0, sizeof story);
    world_hooks = (struct world_hooks){step, idle, rule_stuck, rule_wrote, rule_moved, rule_closing};
}

struct client *client_new(size_t in_bytes, size_t out_bytes) {
    struct client *c = &story.clients[story.count++];
    *c = (struct client){.peer = world_peer(story.count, in_bytes, out_bytes), .piece = SIZE_MAX};
    return c;
}

static void make_stop(void) {
    if (!interface.stop && world_choose(2))
        story.stop_fd = world_pipe(&story.stop_writer);
    else
        story.stop_fd = story.stop_writer = world_event();
    world_guard(story.stop_fd, "stop_fd");
}

/* Clients that still wait to be accepted get all that is due; the others are gone. */
static void serve_again(void) {
    for (struct client *c = story.clients; c < story.clients + story.count; c++)
        if (c->peer->state == CLOSED) c->let_go = true;
    world_tell(0, "(echo_serve is called again)");
    story.stopping = story.judged.stop_comes_early = false;
    make_stop();
    rule_returned(echo_serve(story.listen_fd, story.stop_fd));
}

void clients_serve(void) {
    make_stop();
    story.listen_fd = echo_listen("127.0.0.1", 0, MAX_PEERS);
    if (story.listen_fd < 0) rule_returned(story.listen_fd);
    if (story.judged.on_exec) rule_listener_on_exec(story.listen_fd);
    world_guard(story.listen_fd, "listen_fd");
    if (story.without_input) world_release(0);
    rule_returned(echo_serve(story.listen_fd, story.stop_fd));
    if (story.judged.twice) serve_again();
}
