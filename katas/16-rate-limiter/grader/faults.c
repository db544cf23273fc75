/* SPDX-License-Identifier: MIT */
/* faults.c -- servers that answer nothing that could be an answer, or nothing at all.
 *
 *   faults
 *
 * A thread plays the server, on a socket in the folder of the run; each request gets the same bytes, except that one
 * which talks learns scripts (SCRIPT LOAD) as it should. What is no reply of Redis' protocol, or an error, cannot be
 * the answer of anybody's script.
 *
 * Evidence: the rows `asked`: by the number of the fault the answer (its errno, if it is negative) of two calls one
 * after the other, how often the server was asked and connected to meanwhile, how often it has said what this fault
 * has it say, and whether *retry_after_ms was left alone. The rows `made`: whether shared_new refused arguments, which
 * the check knows by their number. `early`: whether somebody had connected when shared_new had returned. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "driver.h"
#include "evidence.h"
#include "gate.h"

#define PATH "fault.sock"
#define SILENT_MS 60    /* of a server that says nothing: however late it is */
#define HALF_MS 150     /* of one that says the half; one that was too late for that is told */
#define TALKING_MS 3000 /* of one that speaks */
#define REQUESTS_MAX 50
#define ALLOWED 0
#define UNTOUCHED 4711

static const char *const said[] = {
    NULL, /* nobody listens */
    NULL, /* it listens, and takes no connection */
    NULL, /* it takes requests, and is silent */
    NULL, /* it closes the connection */
    "*2\r\n:1\r\n", "hello\r\n", "-ERR out of order\r\n", "+OK\r\n", "-NOSCRIPT no\r\n", "$5\r\nab",
};
enum fault { NOBODY, NO_ACCEPT, SILENT, CLOSES, HALF, HALF_STRING = 9, FAULTS = sizeof said / sizeof *said };

EVIDENCE_ROW(call, fault, first, second, requests, connections, told, kept);
EVIDENCE_ROW(made, number, refused);

static struct {
    enum fault fault;
    int listener;
    _Atomic uint64_t requests, connections, told;
} s;

static const char *reply_to(const char *request) {
    const char *word = strstr(request, "$6\r\n");
    bool learns = word && word < request + 8 && strncasecmp(word + 4, "SCRIPT", 6) == 0;
    return learns && said[s.fault] ? "$40\r\n0123456789abcdef0123456789abcdef01234567\r\n" : said[s.fault];
}

static void serve(int fd) {
    char bytes[1 << 16];
    for (ssize_t n; (n = read(fd, bytes, sizeof bytes - 1)) > 0;) {
        bytes[n] = 0;
        if (atomic_fetch_add(&s.requests, 1) >= REQUESTS_MAX || s.fault == CLOSES) break;
        const char *reply = reply_to(bytes);
        if (reply && write(fd, reply, strlen(reply)) < 0) break;
        if (reply && reply == said[s.fault]) atomic_fetch_add(&s.told, 1);
    }
    close(fd);
}

static void *serve_all(void *unused) {
    for (int fd; (fd = accept(s.listener, NULL, NULL)) >= 0;) atomic_fetch_add(&s.connections, 1), serve(fd);
    return unused;
}

static void listen_at(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = PATH};
    unlink(PATH);
    s.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(s.listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(s.listener, 8) != 0)
        evidence_broken_off("the driver", "could not listen", "a socket", "the machine");
}

/* A connection waits to be taken as soon as it is made, and also when it is closed already. */
static void try_early(void) {
    listen_at();
    struct shared_limiter *l = shared_new(PATH, 10, 5, SILENT_MS);
    evidence_count("early", poll(&(struct pollfd){.fd = s.listener, .events = POLLIN}, 1, 0) == 1);
    shared_free(l);
    close(s.listener);
    unlink(PATH);
}

static uint64_t asked(struct shared_limiter *l, uint64_t *kept) {
    uint64_t retry = UNTOUCHED;
    int answer = shared_allow(l, "key", 1, &retry);
    *kept &= retry == UNTOUCHED;
    return answer < 0 ? (uint64_t)-answer : ALLOWED;
}

static uint32_t timeout_of(enum fault fault) {
    if (fault == HALF || fault == HALF_STRING) return HALF_MS;
    return fault == NO_ACCEPT || fault == SILENT ? SILENT_MS : TALKING_MS;
}

static struct call try_fault(enum fault fault) {
    struct call call = {.fault = fault, .kept = 1};
    char path[] = PATH;
    pthread_t server;
    s.fault = fault, s.requests = s.connections = s.told = 0;
    if (fault != NOBODY) listen_at();
    if (fault > NO_ACCEPT) server = gate_thread(serve_all, NULL);
    struct shared_limiter *l = shared_new(path, 10, 5, timeout_of(fault));
    memset(path, '?', sizeof path - 1); /* it was copied */
    if (!l) evidence_broken_off("shared_new", "answered NULL, with memory to be had", "a limiter", "shared_new");
    call.first = asked(l, &call.kept);
    call.second = asked(l, &call.kept);
    shared_free(l);
    if (fault > NO_ACCEPT) shutdown(s.listener, SHUT_RDWR), pthread_join(server, NULL);
    if (fault != NOBODY) close(s.listener);
    unlink(PATH);
    call.requests = s.requests, call.connections = s.connections, call.told = s.told;
    return call;
}

static char long_path[101];

static const struct {
    const char *path;
    uint64_t per_second, burst;
    uint32_t timeout_ms;
} arguments[] = {
    {PATH, 1, 1, 1},
    {PATH, 1000000, 1000000, UINT32_MAX},
    {long_path + 1, 1, 1, 1}, /* of 99 bytes */
    {long_path, 1, 1, 1},
    {PATH, 0, 1, 1},
    {PATH, 1000001, 1, 1},
    {PATH, (UINT64_C(1) << 32) + 1, 1, 1},
    {PATH, 1, 0, 1},
    {PATH, 1, 1000001, 1},
    {PATH, 1, (UINT64_C(1) << 32) + 1, 1},
    {PATH, 1, 1, 0},
};
#define ARGUMENTS (sizeof arguments / sizeof *arguments)

static void try_arguments(void) {
    struct made made[ARGUMENTS];
    memset(long_path, 'p', sizeof long_path - 1);
    for (size_t i = 0; i < ARGUMENTS; i++) {
        uint64_t rate = arguments[i].per_second, burst = arguments[i].burst;
        struct shared_limiter *l = shared_new(arguments[i].path, rate, burst, arguments[i].timeout_ms);
        made[i] = (struct made){i, !l};
        shared_free(l);
    }
    shared_free(NULL);
    evidence_rows("made", made, made, ARGUMENTS);
}

void faults(uint64_t seed) {
    struct call calls[FAULTS];
    (void)seed;
    signal(SIGPIPE, SIG_IGN);
    try_early();
    for (enum fault fault = NOBODY; fault < FAULTS; fault++) calls[fault] = try_fault(fault), evidence_progress();
    evidence_rows("asked", call, calls, FAULTS);
    try_arguments();
}
