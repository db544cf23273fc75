/* SPDX-License-Identifier: MIT */
/* killed.c -- the proxy with the balancer, both the learner's, before real backends on loopback, which are
 * processes and are killed (SIGKILL) one after another.
 *
 *   killed  clients, messages (of each, in each phase)
 *
 * A phase: new clients connect, and all clients, those from before too, send messages, one after another, and read
 * the answers. A backend answers each byte with another one that tells which backend it is. Then a last message of each
 * is under way when the next backend is killed. When no backend is left, clients connect once more. At the end all that
 * are left half-close.
 *
 * Evidence: `served`, what proxy_serve answered, as a positive errno; `dead`, a row for each death: clients that were
 * `joined` with that backend, `ended` of them; of the others, `whole` (each answer so far right); `wrong` bytes of
 * anybody; `fresh` clients that connected afterwards, and were served; `asked`, how many did. `ends`: clients that
 * half-closed at the end and got an ordinary end. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "driver.h"
#include "evidence.h"
#include "gate.h"
#include "graders_own.h"
#include "proxy.h"
#include "rng.h"
#include "scenario.h"

enum { KILLED = 3, CLIENTS_MAX = 64, MESSAGE_MAX = 9000, CONNECT_MS = 2000, CONNECTIONS_MAX = 256 };

EVIDENCE_ROW(death, joined, ended, others, whole, wrong, asked, fresh);

struct client {
    int fd, backend; /* -1: over; -1: not known yet */
    size_t size;     /* of the message under way */
    unsigned char sent[MESSAGE_MAX];
};

static struct {
    struct rng rng;
    struct sockaddr_in address;
    pid_t pid[KILLED];
    int listeners[KILLED], listener, stop, served;
    struct balancer *lb;
    struct client clients[CLIENTS_MAX];
    size_t count;
    uint64_t wrong;
} r;

static HANDED_OVER struct sockaddr_in backends[KILLED];

/* The answer to a byte: another one for each backend. */
static unsigned char answer_to(unsigned char byte, int backend) {
    return (unsigned char)(byte + 1 + backend);
}

static bool write_all(int fd, const unsigned char *bytes, size_t size) {
    while (size > 0) {
        ssize_t n = send(fd, bytes, size, MSG_NOSIGNAL);
        if (n <= 0) return false;
        bytes += n, size -= (size_t)n;
    }
    return true;
}

static bool answer(int fd, int backend) {
    unsigned char bytes[4096];
    ssize_t n = recv(fd, bytes, sizeof bytes, 0);
    if (n <= 0) return false;
    for (ssize_t i = 0; i < n; i++) bytes[i] = answer_to(bytes[i], backend);
    return write_all(fd, bytes, (size_t)n);
}

/* A backend's process, until it is killed. */
static _Noreturn void be_backend(int backend) {
    struct pollfd fds[CONNECTIONS_MAX] = {{r.listeners[backend], POLLIN, 0}};
    nfds_t count = 1;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int i = 0; i < KILLED; i++) /* or who connects to a dead one would wait in a queue that is still there */
        if (i != backend) close(r.listeners[i]);
    for (;;) {
        if (poll(fds, count, -1) < 0) _exit(1);
        for (nfds_t i = count; i-- > 1;) {
            if (!fds[i].revents || answer(fds[i].fd, backend)) continue;
            close(fds[i].fd);
            fds[i] = fds[--count];
        }
        if (fds[0].revents && count < CONNECTIONS_MAX)
            fds[count++] = (struct pollfd){accept(fds[0].fd, NULL, NULL), POLLIN, 0};
    }
}

static void start_backends(void) {
    for (int i = 0; i < KILLED; i++) r.listeners[i] = listener_new(&backends[i], 0);
    for (int i = 0; i < KILLED; i++) {
        r.pid[i] = fork();
        if (r.pid[i] < 0) abort();
        if (r.pid[i] == 0) be_backend(i);
    }
    for (int i = 0; i < KILLED; i++) close(r.listeners[i]);
}

static uint64_t now_ns(void *unused) {
    struct timespec t;
    (void)unused;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void *serve(void *unused) {
    (void)unused;
    r.served = proxy_serve(r.listener, r.stop, r.lb, backends, CONNECT_MS);
    close(r.listener); /* so that nobody waits for a proxy that has given up */
    return NULL;
}

static void client_over(struct client *c) {
    if (c->fd >= 0) close(c->fd);
    c->fd = -1;
}

static bool ask(struct client *c, size_t most) {
    c->size = 1 + rng_below(&r.rng, most);
    for (size_t i = 0; i < c->size; i++) c->sent[i] = (unsigned char)rng_next(&r.rng);
    return write_all(c->fd, c->sent, c->size);
}

/* Is the whole answer there, and right? As much as there is of it is looked at. */
static bool hear(struct client *c) {
    unsigned char bytes[MESSAGE_MAX];
    for (size_t heard = 0; heard < c->size;) {
        ssize_t n = recv(c->fd, bytes, c->size - heard, 0);
        if (n <= 0) return false;
        if (c->backend < 0) c->backend = (unsigned char)(bytes[0] - c->sent[heard] - 1);
        for (ssize_t i = 0; i < n; i++) r.wrong += bytes[i] != answer_to(c->sent[heard + (size_t)i], c->backend);
        heard += (size_t)n;
    }
    return true;
}

static bool talk(struct client *c, uint64_t messages) {
    for (uint64_t i = 0; i < messages; i++)
        if (!ask(c, i % 4 == 0 ? MESSAGE_MAX : 100) || !hear(c)) return false;
    evidence_progress();
    return true;
}

/* How many of the new ones are served; the others are over. */
static uint64_t newcomers(uint64_t count, uint64_t messages) {
    uint64_t served = 0;
    for (uint64_t i = 0; i < count; i++) {
        struct client *c = &r.clients[r.count++];
        *c = (struct client){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), .backend = -1};
        if (c->fd < 0) abort();
        bool good = connect(c->fd, (struct sockaddr *)&r.address, sizeof r.address) == 0 && talk(c, messages);
        served += good;
        if (!good) client_over(c);
    }
    return served;
}

/* All have a message under way when it dies. */
static struct death kill_one(int backend) {
    struct death d = {0};
    for (size_t i = 0; i < r.count; i++)
        if (r.clients[i].fd >= 0 && !ask(&r.clients[i], MESSAGE_MAX)) client_over(&r.clients[i]);
    kill(r.pid[backend], SIGKILL);
    waitpid(r.pid[backend], NULL, 0);
    for (size_t i = 0; i < r.count; i++) {
        struct client *c = &r.clients[i];
        if (c->fd < 0) continue;
        bool joined = c->backend == backend, whole = hear(c);
        if (joined) { /* after its answer, if that was on its way already, comes the end */
            bool ended = !whole || recv(c->fd, &(char){0}, 1, 0) <= 0;
            d.joined++, d.ended += ended;
            client_over(c);
            continue;
        }
        d.others++, d.whole += whole;
        if (!whole) client_over(c);
    }
    evidence_progress();
    return d;
}

static uint64_t half_closes(uint64_t *asked) {
    uint64_t ends = 0;
    *asked = 0;
    for (size_t i = 0; i < r.count; i++) {
        struct client *c = &r.clients[i];
        if (c->fd < 0) continue;
        bool good = ask(c, MESSAGE_MAX) && shutdown(c->fd, SHUT_WR) == 0 && hear(c);
        ++*asked, ends += good && recv(c->fd, &(char){0}, 1, 0) == 0;
        client_over(c);
    }
    return ends;
}

static void stop(pthread_t proxy) {
    if (write(r.stop, &(uint64_t){1}, sizeof(uint64_t)) != sizeof(uint64_t)) abort();
    pthread_join(proxy, NULL);
    lb_free(r.lb);
}

void killed(uint64_t seed) {
    struct death deaths[KILLED];
    uint64_t clients = scenario_param("clients"), messages = scenario_param("messages"), asked;
    if ((KILLED + 2) * clients > CLIENTS_MAX) abort();
    r.rng = rng_new(seed, 0);
    start_backends();
    r.listener = listener_new(&r.address, SOCK_NONBLOCK);
    r.stop = eventfd(0, EFD_CLOEXEC);
    struct lb_env env = quiet_env();
    env.now_ns = now_ns;
    r.lb = new_balancer(LB_ROUND_ROBIN, KILLED, 1, env);
    pthread_t proxy = gate_thread(serve, NULL);
    evidence_count("first", newcomers(clients, messages));
    for (int i = 0; i < KILLED; i++) {
        if (i == KILLED - 1) {
            evidence_count("ends", half_closes(&asked));
            evidence_count("half_closed", asked);
            (void)newcomers(clients, messages);
        }
        deaths[i] = kill_one(i);
        deaths[i].asked = clients, deaths[i].fresh = newcomers(clients, messages), deaths[i].wrong = r.wrong;
    }
    stop(proxy);
    evidence_count("served", (uint64_t)-r.served);
    evidence_rows("deaths", death, deaths, KILLED);
}
