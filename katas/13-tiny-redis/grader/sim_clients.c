/* SPDX-License-Identifier: MIT */
/* sim_clients.c -- what clients do, one small action at a time. */
#include "sim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct story story;

enum action { CONNECT, SEND, RECEIVE, END, RESET, STOP, ACTIONS };
enum { STEP_ACTIONS = 3 };

size_t any_size(size_t most) {
    unsigned bits = 0;
    while (most >> bits > 1) bits++;
    size_t below = (size_t)1 << world_choose(bits + 1), size = below + world_choose((unsigned)below);
    return size < most ? size : most;
}

static size_t room_to_send(const struct client *c) {
    const struct peer *p = c->peer;
    size_t left = c->asks_size - p->sent, room = p->in.size - p->in.used;
    if (p->fin || p->rst || (p->state != QUEUED && p->state != ACCEPTED)) return 0;
    if (world_now_ms() < c->not_before_ms) return 0;
    if (c->in_step && p->received < c->answered) return 0;
    return left < room ? left : room;
}

static bool others_done(const struct client *c) {
    for (const struct client *o = story.clients; o < story.clients + story.count; o++)
        if (o != c && !o->reads_late && !client_content(o)) return false;
    return true;
}

static bool may_end(const struct client *c) {
    const struct peer *p = c->peer;
    if (!c->ends || p->fin || p->rst || p->state == UNBORN || p->state == CLOSED) return false;
    return p->sent == c->asks_size && (c->ends_early || c->done == c->count);
}

static bool may(const struct client *c, enum action action) {
    const struct peer *p = c->peer;
    switch (action) {
    case CONNECT:
        return p->state == UNBORN && peer_may_connect();
    case SEND:
        return room_to_send(c) > 0;
    case RECEIVE:
        return peer_arrived(p) > 0 && !p->rst && !c->never_reads && (!c->reads_late || others_done(c));
    case END:
        return may_end(c);
    case RESET:
        return c->resets && !p->rst && p->sent >= c->resets_at && (p->state == QUEUED || p->state == ACCEPTED);
    default:
        return false;
    }
}

static void send_some(struct client *c, size_t size) {
    peer_send(c->peer, (const unsigned char *)c->asks + c->peer->sent, size);
}

static void connect_client(struct client *c) {
    peer_connect(c->peer);
    if (c->at_once) send_some(c, c->asks_size), peer_half_close(c->peer);
}

static void act(struct client *c, enum action action) {
    size_t room = room_to_send(c), most = room < c->piece ? room : c->piece, arrived = peer_arrived(c->peer);
    if (action == CONNECT)
        connect_client(c);
    else if (action == SEND)
        send_some(c, most - world_choose((unsigned)most));
    else if (action == RECEIVE)
        peer_receive(c->peer, arrived - world_choose((unsigned)arrived));
    else if (action == END)
        peer_half_close(c->peer);
    else
        peer_reset(c->peer);
}

static void keep_flooding(struct client *c) {
    if (!c->floods || (c->peer->state != QUEUED && c->peer->state != ACCEPTED)) return;
    if (peer_arrived(c->peer) > 0) peer_receive(c->peer, peer_arrived(c->peer));
    size_t room = room_to_send(c);
    if (room > 0) send_some(c, room);
}

static void stop(void) {
    story.stopping = true, story.stopped_at = world_calls;
    story.hung_up = story.ending && story.stop_writer != story.stop_fd && world_choose(2);
    world_tell(0, story.hung_up ? "(the other end of stop_fd is closed)" : "(stop_fd becomes readable)");
    story.hung_up ? world_release(story.stop_writer) : world_raise(story.stop_writer);
}

static bool something_happens(void) {
    unsigned ways[MAX_PEERS * ACTIONS + 1], count = 0;
    for (int i = 0; i < story.count; i++)
        for (unsigned a = CONNECT; a < STOP; a++)
            if (may(&story.clients[i], a)) ways[count++] = (unsigned)i * ACTIONS + a;
    if (story.stop_comes_early && !story.stopping) ways[count++] = STOP;
    if (count == 0) return false;
    unsigned way = ways[world_choose(count)];
    way % ACTIONS == STOP ? stop() : act(&story.clients[way / ACTIONS], way % ACTIONS);
    return true;
}

static void step(void) {
    rule_step();
    for (int i = 0; i < story.count; i++) keep_flooding(&story.clients[i]);
    for (unsigned n = world_choose(STEP_ACTIONS); n > 0; n--) something_happens();
}

bool client_content(const struct client *c) {
    const struct peer *p = c->peer;
    if (c->let_go || p->lost_in_the_queue) return true;
    if (c->resets) return (p->rst || p->fin) && p->state == CLOSED;
    if (c->never_reads) return p->state == CLOSED || (p->state == ACCEPTED && p->sent > 0);
    /* A close with bytes unread is a reset, and what was on its way may be lost. */
    if (c->quits && p->state == CLOSED && c->done == c->count) return true;
    if (p->state == UNBORN || c->done < c->count || p->received < p->echoed) return false;
    return !(c->ends || c->quits) || p->state == CLOSED;
}

static bool idle(void) {
    rule_sleeps();
    if (something_happens()) return true;
    if (story.stopping) return false;
    for (int i = 0; i < story.count; i++)
        if (!client_content(&story.clients[i])) return false;
    stop();
    return true;
}

void clients_begin(void) {
    for (int i = 0; i < story.count; i++) {
        struct client *c = &story.clients[i];
        free(c->asks), free(c->answers), free(c->requests);
    }
    memset(&story, 0, sizeof story);
    world_hooks = (struct world_hooks){step, idle, rule_stuck, rule_wrote, rule_moved, rule_closing, NULL};
}

struct client *client_new(size_t in_bytes, size_t out_bytes) {
    struct client *c = &story.clients[story.count++];
    *c = (struct client){.peer = world_peer(story.count, in_bytes, out_bytes), .piece = SIZE_MAX};
    return c;
}

struct client *client_talker(unsigned count) {
    struct client *c = client_new(any_size(256), any_size(256));
    c->piece = any_size(128), c->in_step = world_choose(2);
    for (unsigned n = 0; n < count; n++) ask_any(c, 40);
    return c;
}

static int64_t now_ms(void *world) {
    return world == &story ? 1700000000000 + (int64_t)world_now_ms() : 0;
}

void clients_serve(void) {
    if (world_choose(2))
        story.stop_fd = world_pipe(&story.stop_writer);
    else
        story.stop_fd = story.stop_writer = world_event();
    world_guard(story.stop_fd, "stop_fd");
    story.listen_fd = redis_listen("127.0.0.1", 0, MAX_PEERS);
    if (story.listen_fd < 0) rule_returned(story.listen_fd);
    world_guard(story.listen_fd, "listen_fd");
    rule_returned(redis_serve(story.listen_fd, story.stop_fd, now_ms, &story));
}
