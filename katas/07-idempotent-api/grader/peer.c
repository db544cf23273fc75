/* SPDX-License-Identifier: MIT */
/* peer.c -- processes that serve one handle each, told what to do over a pipe:
 * they stop before any of their calls of SQLite and wait, or die there. So two
 * processes meet at every place of a request where they could, one after the
 * other, and nothing is left to chance. */
#include "driver.h"
#include "graders_own.h"
#include "heap.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* More than any wait that the contract allows. */
#define OVERSLEPT_US 60000000

/* Allocations before the request. */
static uint64_t allocated;

/* The peer's own end of its pipes. */
static int in, out;

static bool take(int fd, void *bytes, size_t size) {
    for (char *at = bytes; size > 0;) {
        ssize_t n = read(fd, at, size);
        if (n <= 0) return false;
        at += n, size -= (size_t)n;
    }
    return true;
}

/* A peer without a scenario ends; a scenario hears from peer_wait() that a
 * peer is gone. */
static void give(int fd, const void *bytes, size_t size) {
    if (write(fd, bytes, size) != (ssize_t)size && fd == out) _exit(1);
}

static void wait_for_go(void) {
    char go, news = PEER_STOPPED;
    give(out, &news, 1);
    if (!take(in, &go, 1)) _exit(0);
    if (disk.stop_at_us == 0) disk.stop_at_us = OVERSLEPT_US;
}

static void die(void) {
    kill(getpid(), SIGKILL);
}

static void oversleep(void) {
    char news = PEER_OVERSLEPT;
    give(out, &news, 1);
    die();
}

static void overslept_or_stopped(void) {
    if (disk.slept_us >= OVERSLEPT_US) oversleep();
    wait_for_go();
}

/* Only the soft limit: it can be lifted again. */
static void limit_files(bool limited) {
    static rlim_t before;
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    if (limited) before = limit.rlim_cur;
    limit.rlim_cur = limited ? 0 : before;
    setrlimit(RLIMIT_FSIZE, &limit);
}

static void prepare(const struct ask *ask) {
    calls_begin();
    calls.stop_at = ask->stop_at ? ask->stop_at : ask->kill_at;
    calls.stop = ask->stop_at ? wait_for_go : die;
    disk = (struct disk){.fault = ask->fault, .from = ask->fault_from, .virtual_sleep = true};
    disk.stop_at_us = ask->stop_at_us ? ask->stop_at_us : OVERSLEPT_US;
    disk.stop = overslept_or_stopped;
    if (ask->fault == DISK_LIMIT) limit_files(true);
    allocated = heap_allocations();
    ask->refuse_alone ? heap_refuse_only(ask->refuse_from) : heap_refuse_from(ask->refuse_from);
}

static void reply(const struct ask *ask, int code, const struct api_response *response) {
    calls_end();
    heap_refuse_from(0);
    bool refused = ask->refuse_from > 0 && heap_allocations() - allocated >= ask->refuse_from;
    if (ask->fault == DISK_LIMIT) limit_files(false);
    struct reply r = {.code = code, .calls = calls.made, .slept_us = disk.slept_us, .fault_hit = disk.hit || refused};
    if (code == 0 && response) {
        r.status = response->status, r.replayed = response->replayed;
        r.body_size = (uint32_t)response->body_size;
        memcpy(r.body, response->body, r.body_size < sizeof r.body ? r.body_size : sizeof r.body);
    }
    disk.fault = DISK_OK;
    char news = PEER_REPLIED;
    give(out, &news, 1);
    give(out, &r, sizeof r);
}

static void open_handle(struct api **api, const struct ask *ask) {
    api_close(*api);
    prepare(ask);
    reply(ask, api_open(BANK_FILE, api), NULL);
}

#define BODY_UNSET (sizeof(((struct api_response *)NULL)->body) + 1)

/* What the request does not set, shows. */
static void handle(struct api *api, const struct ask *ask) {
    struct api_request request = {ask->method, ask->path, ask->key, ask->body, strlen(ask->body), ask->now_ms};
    static HANDED_OVER struct api_response response;
    response = (struct api_response){.status = -1, .replayed = true, .body_size = BODY_UNSET};
    prepare(ask);
    int code = api_handle(api, &request, &response);
    reply(ask, code, &response);
}

static _Noreturn void serve(void) {
    struct api *api = NULL;
    struct ask ask;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGXFSZ, SIG_IGN);
    while (take(in, &ask, sizeof ask)) {
        if (ask.leave) break;
        if (ask.reopen)
            open_handle(&api, &ask);
        else
            handle(api, &ask);
    }
    api_close(api);
    _exit(0);
}

void peer_start(struct peer *peer) {
    int there[2], back[2];
    if (pipe(there) != 0 || pipe(back) != 0) abort();
    peer->pid = fork();
    if (peer->pid < 0) abort();
    if (peer->pid == 0) {
        in = there[0], out = back[1];
        close(there[1]), close(back[0]);
        serve();
    }
    close(there[0]), close(back[1]);
    peer->to = there[1], peer->from = back[0];
    signal(SIGPIPE, SIG_IGN);
}

void peer_ask(struct peer *peer, const struct ask *ask) {
    give(peer->to, ask, sizeof *ask);
}

enum peer_news peer_wait(struct peer *peer) {
    char news = PEER_GONE;
    peer->reply = (struct reply){0};
    if (!take(peer->from, &news, 1)) return PEER_GONE;
    if (news == PEER_REPLIED && !take(peer->from, &peer->reply, sizeof peer->reply)) return PEER_GONE;
    return (enum peer_news)news;
}

void peer_go(struct peer *peer) {
    give(peer->to, "g", 1);
}

enum peer_news peer_call(struct peer *peer, const struct ask *ask) {
    peer_ask(peer, ask);
    return peer_wait(peer);
}

void peer_end(struct peer *peer) {
    peer_ask(peer, &(struct ask){.leave = true}); /* a later peer holds a copy of this end: closing says nothing */
    close(peer->to), close(peer->from);
    waitpid(peer->pid, NULL, 0);
}

struct ask ask_transfer(const char *key, int64_t now_ms) {
    struct ask ask = {.method = "POST", .path = "/transfers", .body = "from=alice&to=bob&amount=1", .now_ms = now_ms};
    snprintf(ask.key, sizeof ask.key, "%s", key);
    return ask;
}

uint64_t outcome_of(const struct peer *peer, enum peer_news news) {
    if (news == PEER_OVERSLEPT) return 2001;
    if (news != PEER_REPLIED) return 2000;
    const struct reply *r = &peer->reply;
    if (r->code != 0) return 1000 + (uint64_t)(uint32_t)(r->code & 0xff);
    if (r->body_size >= BODY_UNSET) return 3000;
    bool final = r->status == 201 || r->status == 402;
    return (uint64_t)(uint32_t)r->status + (r->replayed && !final ? 4000 : 0);
}

uint64_t peer_finish(struct peer *peer, enum peer_news news) {
    for (; news == PEER_STOPPED; news = peer_wait(peer)) peer_go(peer);
    return outcome_of(peer, news);
}
