/* SPDX-License-Identifier: MIT */
/* simulated.c -- the clients in the simulated kernel, in its plainest way. */
#include "script.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <simkernel.h>

#include "../src/answers.h"
#include "../src/calls.h"
#include "../src/life.h"

/* Never filled by small writes, and yet fillable. */
enum { IN_BYTES = 100000, OUT_BYTES = 300000 };

FILE *transcript;

static struct peer *peers[CLIENTS];
static enum backend backends[CLIENTS], to; /* `to`: that of the latest port, asked for `connects` */
static int connects;
static uint64_t seed;

void clients_open(int listen_fd) {
    (void)listen_fd;
    for (int i = 0; i < CLIENTS; i++) peers[i] = world_peer(i + 1, IN_BYTES, OUT_BYTES);
}

/* As if the program slept a moment, outside of its rings. */
void clients_settle(void) {
    urings_between_calls();
    ports_between_calls();
    for (int i = 0; i < CLIENTS; i++) {
        if (!peers[i] || peers[i]->state != CONNECTING || peers[i]->rst) continue;
        if (backends[i] == ANSWERS) peer_answer(peers[i]);
        if (backends[i] == REFUSES) peer_refuse(peers[i], ECONNREFUSED);
    }
}

void backends_open(void) {
    clients_open(-1);
}

uint16_t backend_port(int client, enum backend backend) {
    connects = client, to = backend;
    return 80;
}

static struct peer *connecting(uint32_t address, uint16_t port) {
    (void)address, (void)port;
    backends[connects] = to;
    return peers[connects] = world_peer(connects + 1, IN_BYTES, OUT_BYTES);
}

void client_connect(int client) {
    peer_connect(peers[client]);
}

void client_send(int client, int size) {
    static const unsigned char bytes[64];
    peer_send(peers[client], bytes, (size_t)size);
}

void client_receive(int client) {
    if (peers[client]->out.used > 0) peer_receive(peers[client], peers[client]->out.used);
}

void client_half_close(int client) {
    peer_half_close(peers[client]);
}

void client_reset(int client) {
    peer_reset(peers[client]);
}

const char *client_end(int client) {
    struct peer *p = peers[client];
    bool held_back = p->nospace; /* a reset overtakes an end behind a full buffer */
    client_receive(client);
    if (p->server_rst && (held_back || !p->server_fin)) return "a reset";
    return p->server_fin ? "the end" : "nothing";
}

void clients_close(void) {
}

static void step(void) {
}
static bool idle(void) {
    return false;
}
static void wrote(struct peer *p, const unsigned char *bytes, size_t size) {
    (void)p, (void)bytes, (void)size;
}
static void moved(struct peer *p, size_t size, bool in) {
    (void)p, (void)size, (void)in;
    world_progress();
}
static void closing(int fd, struct peer *p) {
    (void)fd, (void)p;
}

static void play(void) {
    world_hooks = (struct world_hooks){step, idle, step, wrote, moved, closing, .connecting = connecting};
    script_play(seed, SCRIPT_STEPS);
}

const struct world_scenario world_scenarios[] = {{0}};

int main(int argc, char **argv) {
    uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1, count = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    transcript = fdopen(dup(STDOUT_FILENO), "w");
    if (!transcript) return 1;
    life_prepare(play);
    for (seed = first; seed < first + count; seed++) {
        answers_from_script();
        if (life_play()) fprintf(transcript, "the simulation refuses: %s\n", failure.message);
    }
    return fclose(transcript) == 0 ? 0 : 1;
}
