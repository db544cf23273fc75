/* SPDX-License-Identifier: MIT */
/* turns.c -- what the list of one wait holds, on real descriptors, in every grading.
 *
 * Two sockets with an error, and two events: the first callback changes the other
 * watch before its turn, so that one callback is due. A socket that hangs up without
 * room. And more ready watches than an array of 1,024 has room for, as far as this
 * machine has so many descriptors.
 *
 * Evidence: a row of `turns` for each kind and case. */
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include "driver.h"
#include "evidence.h"
#include "graders_own.h"

enum turn_case { ERROR_TURNED, ADDED_ALIKE, ALL_AT_ONCE, HUNG_UP, ADDED_OFTEN, CASES };
enum { KINDS = 3, PATIENCE_MS = 2000, MANY = 1200, SOON_MS = 5, OFTEN = 65536 };

EVIDENCE_ROW(turn, kind, which, due, made);

static GRADERS_OWN struct turn turns_made[KINDS * CASES];
static GRADERS_OWN uint64_t turn_count, made;
static enum turn_case now;
static int both[2];

/* The other watch is another one then, though its callback and its context are the same. */
static void on_turn(struct mux *mux, int fd, unsigned events, void *context) {
    (void)events;
    int other = fd == both[0] ? both[1] : both[0];
    if (own(made)++ > 0) return;
    if (now == ERROR_TURNED && mux_mod(mux, other, MUX_OUT) != 0)
        evidence_broken_off("mux_mod", "refused a watched descriptor", "0", "mux_mod");
    for (int i = now == ADDED_ALIKE ? 1 : now == ADDED_OFTEN ? OFTEN : 0; i > 0; i--) {
        if (mux_del(mux, other) != 0) evidence_broken_off("mux_del", "refused a watched descriptor", "0", "mux_del");
        add_watch(mux, other, MUX_IN, on_turn, context);
    }
}

static void wait_once(struct mux *mux, enum mux_kind kind, uint64_t due) {
    own(made) = 0;
    (void)mux_wait(mux, now == HUNG_UP ? SOON_MS : 0); /* callbacks are counted */
    struct turn row = {kind, now, due, made};
    own_write(&turns_made[own(turn_count)++], &row, sizeof row);
    mux_free(mux);
}

/* The other end was closed with a reset. */
static int reset_socket(void) {
    int pair[2];
    tcp_pair(pair);
    setsockopt(pair[1], SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
    close(pair[1]);
    (void)poll(&(struct pollfd){.fd = pair[0]}, 1, PATIENCE_MS); /* for the error, which is told unasked */
    return pair[0];
}

static void change_the_other(enum mux_kind kind) {
    struct mux *mux = new_mux(kind);
    for (int i = 0; i < 2; i++) {
        both[i] = now == ERROR_TURNED ? reset_socket() : event_fd(1);
        add_watch(mux, both[i], MUX_IN, on_turn, NULL);
    }
    wait_once(mux, kind, 1);
    close(both[0]), close(both[1]);
}

static void tell_many(enum mux_kind kind) {
    static int fds[MANY];
    struct mux *mux = new_mux(kind);
    int count = 0, event = event_fd(1);
    while (count < MANY && (fds[count] = fcntl(event, F_DUPFD_CLOEXEC, 0)) >= 0) {
        if (kind == MUX_SELECT && fds[count] >= FD_SETSIZE) {
            close(fds[count]);
            break;
        }
        add_watch(mux, fds[count++], MUX_IN, on_turn, NULL);
    }
    wait_once(mux, kind, (uint64_t)count);
    while (count > 0) close(fds[--count]);
    close(event);
}

/* Full to the last byte, and shut down both ways: poll says POLLHUP, and neither POLLOUT nor POLLERR. */
static void hang_up_full(enum mux_kind kind) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair)) abort();
    while (write(pair[0], pair, 1) > 0) {
    }
    shutdown(pair[0], SHUT_RDWR);
    struct mux *mux = new_mux(kind);
    add_watch(mux, pair[0], MUX_OUT, on_turn, NULL);
    wait_once(mux, kind, 0);
    close(pair[0]), close(pair[1]);
}

void turns(void) {
    for (enum mux_kind kind = MUX_SELECT; kind <= MUX_EPOLL; kind++) {
        now = ERROR_TURNED, change_the_other(kind);
        now = ADDED_ALIKE, change_the_other(kind);
        now = ALL_AT_ONCE, tell_many(kind);
        now = HUNG_UP, hang_up_full(kind);
        now = ADDED_OFTEN, change_the_other(kind);
        evidence_progress();
    }
    evidence_rows("turns", turn, turns_made, turn_count);
}
