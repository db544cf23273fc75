/* SPDX-License-Identifier: MIT */
/* sim_sides.c -- what clients and backends do, one small action at a time. */
#include "sim.h"

#include <string.h>
#include <sys/socket.h>

struct story story;

enum { PATTERN = 4093, STRIDE = 977, STEP_ACTIONS = 3, BACKLOG = MAX_PEERS };
enum action { CONNECT, ANSWER, SEND, RECEIVE, END, RESET, STOP, ACTIONS };

/* The driver's own listener is made by calls of the simulated kernel. */
int sim_socket(int domain, int type, int protocol);
int sim_bind(int fd, const struct sockaddr *address, socklen_t size);
int sim_listen(int fd, int backlog);

/* Whose stream it is, its first byte says; then each has a place of its own in the same pattern, so that bytes which
 * are lost, repeated or mixed up are seen. */
unsigned char stream_byte(int number, uint64_t at) {
    static unsigned char pattern[PATTERN];
    if (!pattern[1])
        for (uint32_t i = 0, z = 1; i < PATTERN; i++)
            pattern[i] = (unsigned char)((z = z * 1664525u + 1013904223u) >> 24);
    return at == 0 ? (unsigned char)number : pattern[((uint64_t)number * STRIDE + at) % PATTERN];
}

size_t any_size(size_t most) {
    unsigned bits = 0;
    while (most >> bits > 1) bits++;
    size_t below = (size_t)1 << world_choose(bits + 1);
    size_t size = below + world_choose(below < 256 ? (unsigned)below : 256) * (below < 256 ? 1 : below / 256);
    return size < most ? size : most;
}

void join(struct side *client, struct side *backend) {
    client->other = backend, backend->other = client;
}

static uint64_t room_to_send(const struct side *s) {
    const struct peer *p = s->peer;
    uint64_t left = s->wants - p->sent, room = p->in.size - p->in.used;
    bool open = p->state == ACCEPTED || (is_client(s) && p->state == QUEUED);
    if (!open || p->fin || p->rst) return 0;
    return left < room ? left : room;
}

/* Nobody else has anything left to do. */
static bool others_done(const struct side *s) {
    for (struct side *o = story.sides; o < story.sides + story.count; o++)
        if (o != s && !o->reads_late && (room_to_send(o) > 0 || is_owed(o, false))) return false;
    return true;
}

static bool may_receive(const struct side *s) {
    return peer_arrived(s->peer) > 0 && !s->peer->rst && !s->never_reads && (!s->reads_late || others_done(s));
}

static bool may_end(const struct side *s) {
    const struct peer *p = s->peer;
    bool open = p->state == ACCEPTED || (is_client(s) && p->state == QUEUED);
    if (!s->ends || !open || p->fin || p->rst || p->sent < s->wants) return false;
    return !s->ends_late || (p->server_fin && p->out.used == 0);
}

static bool may_reset(const struct side *s) {
    const struct peer *p = s->peer;
    bool open = p->state == ACCEPTED || (is_client(s) && p->state == QUEUED);
    return s->resets && open && !p->rst && p->sent + p->fin >= s->resets_at;
}

static bool may_answer(const struct side *s) {
    return s->peer->state == CONNECTING && !s->peer->rst && s->fate != SILENT && world_now_ms() >= s->answers_ms;
}

static bool rests(const struct side *s) {
    return world_now_ms() < s->rests_until_ms;
}

bool anybody_rests(void) {
    for (const struct side *s = story.sides; s < story.sides + story.count; s++)
        if (rests(s)) return true;
    return false;
}

static void it_is_time(void *unused) {
    (void)unused;
    world_progress();
}

void goes_on_in(struct side *s, uint64_t ms) {
    world_in_ms(ms, it_is_time, s);
}

void side_rests(struct side *s, uint64_t ms) {
    s->rests_until_ms = world_now_ms() + ms;
    goes_on_in(s, ms);
}

static void may_rest(struct side *s) {
    if (s->rests == 0 || !world_choose(2)) return;
    s->rests--;
    side_rests(s, s->rest_ms);
}

static bool may(const struct side *s, enum action action) {
    if (action != CONNECT && action != ANSWER && rests(s)) return false;
    switch (action) {
    case CONNECT:
        return is_client(s) && s->peer->state == UNBORN && peer_may_connect();
    case ANSWER:
        return may_answer(s);
    case SEND:
        return room_to_send(s) > 0;
    case RECEIVE:
        return may_receive(s);
    case END:
        return may_end(s);
    case RESET:
        return may_reset(s);
    default:
        return false;
    }
}

static void send_some(struct side *s, size_t size) {
    static unsigned char bytes[RING_BYTES];
    for (size_t i = 0; i < size; i++) bytes[i] = stream_byte(s->peer->number, s->peer->sent + i);
    peer_send(s->peer, bytes, size);
}

static void begin(struct side *s) {
    if (!s->at_once) return;
    if (s->wants > 0) send_some(s, s->wants);
    if (s->ends) peer_half_close(s->peer);
}

static void answer(struct side *s) {
    if (s->fate == REFUSES) {
        s->failed = true;
        peer_refuse(s->peer, s->error);
        return;
    }
    peer_answer(s->peer);
    s->answered_ms = world_now_ms();
    if (story.clients == 1 && !story.sides[0].other) join(&story.sides[0], s);
    begin(s);
}

static void fail(struct side *s) {
    s->failed = true;
    if (s->lost_by)
        peer_vanish(s->peer, s->lost_by);
    else
        peer_reset(s->peer);
}

static void act(struct side *s, enum action action) {
    uint64_t room = room_to_send(s), most = room < s->piece ? room : s->piece;
    size_t arrived = peer_arrived(s->peer);
    switch (action) {
    case CONNECT:
        peer_connect(s->peer);
        begin(s);
        break;
    case ANSWER:
        answer(s);
        break;
    case SEND:
        send_some(s, most - world_choose((unsigned)most));
        may_rest(s);
        break;
    case RECEIVE:
        peer_receive(s->peer, arrived - world_choose((unsigned)arrived));
        may_rest(s);
        break;
    case END:
        peer_half_close(s->peer);
        break;
    default:
        fail(s);
        break;
    }
}

static void keep_flooding(struct side *s) {
    if (!s->floods || s->peer->state != ACCEPTED) return;
    if (peer_arrived(s->peer) > 0) peer_receive(s->peer, peer_arrived(s->peer));
    uint64_t room = room_to_send(s);
    if (room > 0) send_some(s, room);
}

static void stop(void) {
    story.stopping = true, story.stopped_at = world_calls;
    story.hung_up = story.after_stop && story.stop_writer != story.stop_fd && world_choose(2);
    world_tell(0, story.hung_up ? "(the other end of stop_fd is closed)" : "(stop_fd becomes readable)");
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
            if (may(&story.sides[i], a)) ways[count++] = (unsigned)i * ACTIONS + a;
    if (story.stop_comes_early && !story.stopping) ways[count++] = STOP;
    if (count == 0) return false;
    unsigned way = ways[world_choose(count)];
    if (way % ACTIONS == STOP)
        stop();
    else
        act(&story.sides[way / ACTIONS], way % ACTIONS);
    return true;
}

static void step(void) {
    rule_step();
    for (int i = 0; i < story.count; i++) keep_flooding(&story.sides[i]);
    for (unsigned n = world_choose(STEP_ACTIONS); n > 0; n--) something_happens();
}

static bool all_content(void) {
    for (int i = 0; i < story.count; i++)
        if (is_owed(&story.sides[i], false)) return false;
    return true;
}

static bool idle(void) {
    rule_sleeps();
    if (world_faults.network_errors > 0) rule_accepts_soon();
    if (something_happens()) return true;
    if (story.stopping || anybody_rests() || !all_content()) return false;
    if (story.one_alone) world_leave();
    stop();
    return true;
}

void sides_begin(void) {
    memset(&story, 0, sizeof story);
    story.timeout_ms = 20000;
    world_hooks = (struct world_hooks){step, idle, rule_stuck, rule_wrote, rule_moved, rule_closing};
    world_hooks.connecting = rule_connecting;
}

struct side *client_new(size_t in_bytes, size_t out_bytes) {
    struct side *s = &story.sides[story.count++];
    *s = (struct side){.peer = world_peer(story.count, in_bytes, out_bytes), .backend = -1, .piece = SIZE_MAX};
    story.clients++;
    return s;
}

void side_talks(struct side *s, size_t most) {
    s->wants = any_size(most), s->piece = any_size(128);
}

struct side *client_talker(size_t most) {
    struct side *s = client_new(any_size(256), any_size(256));
    side_talks(s, most);
    return s;
}

static int listener_new(void) {
    int fd = sim_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in any = {.sin_family = AF_INET};
    sim_bind(fd, (struct sockaddr *)&any, sizeof any);
    sim_listen(fd, BACKLOG);
    return fd;
}

static struct sockaddr_in backends[BACKENDS];

static void make_stop(void) {
    if (world_choose(2))
        story.stop_fd = world_pipe(&story.stop_writer);
    else
        story.stop_fd = story.stop_writer = world_event();
    world_guard(story.stop_fd, "stop_fd");
}

static void serve(void) {
    struct balancer *lb = (struct balancer *)&story;
    rule_returned(proxy_serve(story.listen_fd, story.stop_fd, lb, backends, story.timeout_ms));
}

/* Clients that still wait to be accepted get all that is due; the others are gone. */
static void serve_again(void) {
    for (struct side *s = story.sides; s < story.sides + story.count; s++)
        if (s->peer->state == CLOSED) s->let_go = true;
    world_tell(0, "(proxy_serve is called again)");
    story.stopping = story.stop_comes_early = false;
    make_stop();
    serve();
}

void sides_serve(void) {
    for (unsigned i = 0; i < BACKENDS; i++) {
        backends[i] = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)(PORT + i))};
        backends[i].sin_addr.s_addr = htonl(ADDRESS + i);
    }
    make_stop();
    story.listen_fd = listener_new();
    world_guard(story.listen_fd, "listen_fd");
    if (story.without_input) world_release(0);
    serve();
    if (story.twice) serve_again();
}
