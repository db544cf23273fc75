/* SPDX-License-Identifier: MIT */
/* sim_balancer.c -- the balancer behind the proxy: it answers any backend that is up, and keeps account of
 * what it is told. Its functions go before those of the file that stands in for the learner's. */
#include "sim.h"

#include <string.h>

enum { ROW = LB_FAILURES };

static const struct world_rule client_named = {"client", "lb_pick gets the 4 bytes of the client's IPv4 address",
                                               "which bytes are the same for two connections of one client?"};
static const struct world_rule not_asked = {"not_asked", "lb_pick and lb_done, and no other call of the balancer's",
                                            "who decides which backend is in service?"};
static const struct world_rule unpicked = {"unpicked",
                                           "a connect for each pick, to the address of the backend that was picked",
                                           "which index did lb_pick answer, and which address belongs to it?"};
static const struct world_rule too_often = {"too_often", "lb_done once for each pick",
                                            "on which two paths does this pick end?"};
static const struct world_rule too_early = {"too_early", "lb_done when the connection is over",
                                            "how long does a request keep its backend busy?"};
static const struct world_rule never_told = {"never_told", "lb_done for each pick whose connection is over",
                                             "which path closes the socket and does not call lb_done?"};
static const struct world_rule told_late = {"told_late",
                                            "lb_done of the pick that failed, before lb_pick is asked again",
                                            "which of the two calls comes first after a connect has failed?"};
static const struct world_rule failed_unlike = {
    "failed", "`failed` if the connect failed, was over by its time, or the backend's connection failed",
    "whose fault is it that this connection is over?"};

/* Another reason why its connection is over, so that nobody can tell. */
static bool has_excuse(const struct side *s) {
    if (s->other) return s->other->peer->rst || s->let_go || (s->peer->fin && s->other->peer->fin);
    for (const struct side *c = story.sides; c < story.sides + story.clients; c++)
        if (c->peer->rst || c->let_go) return true;
    return false;
}

int failures_possible(int backend) {
    int count = story.told[backend].unreachable;
    for (const struct side *s = story.sides; s < story.sides + story.count; s++)
        count += s->backend == backend && (s->failed || is_too_late(s));
    return count;
}

int failures_certain(int backend) {
    int count = 0;
    if (world_refused_memory > 0) return 0; /* it may have failed when its pair was let go already */
    for (const struct side *s = story.sides; s < story.sides + story.count; s++)
        count += s->backend == backend && s->failed && s->closed && !has_excuse(s);
    return count;
}

/* Joined, or about to be: nothing has happened that ends it. */
static int alive(int backend) {
    int count = 0;
    for (const struct side *s = story.sides; s < story.sides + story.count; s++) {
        bool open = s->backend == backend && (s->peer->state == ACCEPTED || s->peer->state == CONNECTING);
        count += open && !s->peer->rst && !s->failed && !is_too_late(s) && !has_excuse(s) && !is_finished(s) &&
                 !(s->other && s->other->peer->state == CLOSED);
    }
    return count;
}

/* With one client, of which the latest pick has failed. */
static void judge_order(void) {
    for (int i = 0; i < BACKENDS && story.clients == 1; i++)
        if (story.told[i].picks > story.told[i].ended)
            world_fail(&told_late, "lb_pick for the one client, and its pick of backend %d is still active", i);
}

int lb_pick(struct balancer *lb, const void *client, size_t client_size) {
    uint32_t address = htonl(CLIENT_ADDRESS);
    (void)lb;
    if (client_size != sizeof address || memcmp(client, &address, sizeof address) != 0)
        world_fail(&client_named, "lb_pick gets %zu byte%s, which are not the client's address, 127.0.0.1", client_size,
                   client_size == 1 ? "" : "s");
    judge_order();
    int up[BACKENDS], count = 0;
    for (int i = 0; i < BACKENDS; i++)
        if (!story.told[i].out && !story.down) up[count++] = i;
    if (count == 0) {
        story.nobody++;
        world_tell(0, "lb_pick() = -1: nobody is up");
        return -1;
    }
    int pick = up[world_choose((unsigned)count)];
    story.told[pick].picks++;
    world_tell(0, "lb_pick() = %d", pick);
    return pick;
}

void lb_done(struct balancer *lb, int backend, bool failed) {
    (void)lb;
    world_tell(0, "lb_done(%d%s)", backend, failed ? ", failed" : "");
    if (backend < 0 || backend >= BACKENDS) world_fail(&too_often, "lb_done(%d), and no pick answered that", backend);
    struct told *t = &story.told[backend];
    t->ended++, t->failures += failed;
    if (t->ended > t->picks)
        world_fail(&too_often, "lb_done(%d) %d times, after %d picks of it", backend, t->ended, t->picks);
    if (failed && t->failures > failures_possible(backend))
        world_fail(&failed_unlike, "lb_done(%d, failed), and nothing of backend %d's has failed", backend, backend);
    bool sure = !story.stopping && !story.squeezed && world_refused_memory == 0;
    if (sure && t->picks - t->ended < alive(backend))
        world_fail(&too_early, "lb_done(%d), and each pick of backend %d has a connection that is not over", backend,
                   backend);
    t->row = failed ? t->row + 1 : 0;
    t->out = t->row >= ROW;
}

void lb_set_up(struct balancer *lb, int backend, bool up) {
    (void)lb;
    world_fail(&not_asked, "lb_set_up(%d, %s)", backend, up ? "true" : "false");
}

void lb_free(struct balancer *lb) {
    (void)lb;
    world_fail(&not_asked, "lb_free(), and the balancer is the caller's");
}

/* What is over has been told, and as what it was. */
void rule_told(void) {
    int active = 0, clients = 0;
    for (const struct side *c = story.sides; c < story.sides + story.clients; c++)
        clients += c->peer->state == ACCEPTED;
    for (int i = 0; i < BACKENDS; i++) {
        const struct told *t = &story.told[i];
        active += t->picks - t->ended;
        if (t->failures < failures_certain(i) + t->unreachable)
            world_fail(&failed_unlike, "backend %d has failed %d time%s, and lb_done was told so %d time%s", i,
                       failures_certain(i) + t->unreachable, failures_certain(i) + t->unreachable == 1 ? "" : "s",
                       t->failures, t->failures == 1 ? "" : "s");
    }
    if (active > (story.stopping ? 0 : clients))
        world_fail(&never_told, "%d picks are active, and %d client%s connected", active, story.stopping ? 0 : clients,
                   clients == 1 && !story.stopping ? " is" : "s are");
}

/* Of a send buffer: much goes through it in not too many pieces. */
static size_t room(void) {
    for (const struct side *c = story.sides; c < story.sides + story.clients; c++)
        if (c->wants > 10000) return 2048 + any_size(60000);
    return any_size(256);
}

struct peer *rule_connecting(uint32_t address, uint16_t port) {
    int backend = (int)(address - ADDRESS);
    if (address < ADDRESS || backend >= BACKENDS || port != PORT + backend)
        world_fail(&unpicked, "connect to %u.%u.%u.%u, port %u, which is no backend's", address >> 24,
                   address >> 16 & 255, address >> 8 & 255, address & 255, port);
    struct told *t = &story.told[backend];
    if (++t->connects > t->picks)
        world_fail(&unpicked, "connects to backend %d: %d so far, and lb_pick has answered it %d time%s", backend,
                   t->connects, t->picks, t->picks == 1 ? "" : "s");
    if (story.count == MAX_PEERS || (story.unreachable && world_one_in(story.unreachable))) {
        t->unreachable++;
        return NULL;
    }
    struct side *s = &story.sides[story.count++];
    *s = (struct side){.peer = world_peer(story.count, any_size(256), room()), .backend = backend};
    s->piece = SIZE_MAX, s->called_ms = s->answers_ms = world_now_ms();
    story.plan(s);
    rule_connect_in_time(s);
    return s->peer;
}
