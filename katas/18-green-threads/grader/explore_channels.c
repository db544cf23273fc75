/* SPDX-License-Identifier: MIT */
/* explore_channels.c -- channels under the schedule explorer.
 *
 *   channel  two senders, two receivers, two workers: linearizable, and what was done before a send is seen
 *   line     one worker: who waits is served first, in the order of coming, at both ends
 *   closing  a close while others send, receive and wait */
#include "explored.h"

#include <stddef.h>

enum { MOST = 8 };

static struct chan *c;
static int before_send[MOST]; /* plain: the channel orders them */

/* --- a model of a channel of `capacity` numbers --- */

struct model {
    long capacity, count, closed, numbers[MOST];
};

enum { CLOSED = -1 };

static bool send_fits(struct model *m, const struct explore_operation *o) {
    if (o->result == CLOSED) return m->closed;
    if (m->closed || m->count == m->capacity) return false;
    m->numbers[m->count++] = o->argument[0];
    return true;
}

static bool receive_fits(struct model *m, const struct explore_operation *o) {
    if (o->result == CLOSED) return m->closed && !m->count;
    if (!m->count || m->numbers[0] != o->result) return false;
    for (long i = 1; i < m->count; i++) m->numbers[i - 1] = m->numbers[i];
    m->numbers[--m->count] = 0;
    return true;
}

static bool step(void *state, const struct explore_operation *o) {
    struct model *m = state;
    if (o->name[0] == 's') return send_fits(m, o);
    if (o->name[0] == 'r') return receive_fits(m, o);
    m->closed = 1;
    return true;
}

static void check(long capacity) {
    struct model m = {.capacity = capacity};
    explore_check_linearizable("bounded queue that can be closed", &m, sizeof m, step);
}

/* --- calls, with their history --- */

static bool send(int number) {
    before_send[number] = number + 1;
    int call = explore_call("send", number, 0);
    bool sent = chan_send(c, (uint64_t)number);
    explore_return(call, sent ? 0 : CLOSED);
    explore_say(call, sent ? "chan_send(%d)" : "chan_send(%d): closed", number);
    return sent;
}

/* The number, or CLOSED. */
static int receive(void) {
    uint64_t number = 77;
    int call = explore_call("receive", 0, 0);
    bool any = chan_receive(c, &number);
    explore_return(call, any ? (long)number : CLOSED);
    explore_say(call, any ? "chan_receive: %d" : "chan_receive: closed and empty", (int)number);
    if (!any && number != 77) explore_fail("chan_receive answers false and changes *number");
    if (any && number >= MOST) explore_fail("chan_receive: %lu, which nobody sent", (unsigned long)number);
    if (any && before_send[number] != (int)number + 1)
        explore_fail("a receiver does not see what was done before the send");
    return any ? (int)number : CLOSED;
}

static void close_channel(void) {
    int call = explore_call("close", 0, 0);
    chan_close(c);
    explore_return(call, 0);
    explore_say(call, "chan_close");
}

static void open_channel(size_t capacity) {
    c = chan_new(capacity);
    if (!c) explore_fail("chan_new answers NULL, and there is memory");
}

static void end_channel(void) {
    chan_free(c);
    c = NULL;
}

static void send_two(void *number) {
    for (int i = 0; i < 2; i++)
        if (!send(2 * *(int *)number + i)) explore_fail("chan_send answers false, and nobody has closed the channel");
}

static void receive_two(void *unused) {
    (void)unused;
    receive(), receive();
}

static void first_of_channel(void) {
    struct green *threads[] = {go(send_two, 0), go(receive_two, 0), go(send_two, 1)};
    receive(), receive();
    for (int i = 0; i < 3; i++) green_join(threads[i]);
}

void run_channel(void) {
    size_t capacity = 1 + explore_choose(2);
    open_channel(capacity);
    run_green(2, first_of_channel);
    check((long)capacity);
    end_channel();
}

/* --- in line --- */

static int got[4];

static void receive_own(void *number) {
    got[*(int *)number] = receive();
}

static void first_of_receivers(void) {
    struct green *threads[2];
    for (int i = 0; i < 2; i++) {
        threads[i] = go(receive_own, i);
        green_yield(); /* it waits now: there is one worker */
    }
    send(0), send(1), send(2);
    int newcomer = receive();
    if (newcomer != 2)
        explore_fail("two receivers waited when 0, 1 and 2 were sent; one that came later received %d, not 2",
                     newcomer);
    for (int i = 0; i < 2; i++) {
        green_join(threads[i]);
        if (got[i] != i) explore_fail("the receiver that came as number %d received %d, not %d", i, got[i], i);
    }
    send(3);
}

static void send_own(void *number) {
    send(*(int *)number);
}

static void first_of_senders(void) {
    struct green *threads[2];
    send(0);
    for (int i = 0; i < 2; i++) {
        threads[i] = go(send_own, i + 1);
        green_yield();
    }
    struct green *last = NULL;
    for (int i = 0; i < 4; i++) {
        int number = receive();
        if (number != i)
            explore_fail("0 was inside and senders of 1 and 2 waited, 3 came later: receive number %d brought %d", i,
                         number);
        if (i == 0) last = go(send_own, 3);
    }
    for (int i = 0; i < 2; i++) green_join(threads[i]);
    green_join(last);
}

void run_line(void) {
    open_channel(explore_choose(2) ? 3 : 1);
    run_green(1, first_of_receivers);
    end_channel(); /* with a number inside */
    open_channel(1);
    run_green(1, first_of_senders);
    end_channel();
}

/* --- closing --- */

static void send_once(void *number) {
    send(*(int *)number);
}

static void receive_once(void *unused) {
    (void)unused;
    receive();
}

/* One end waits, or both work, while it is closed. */
static void first_of_closing(void) {
    bool full = explore_choose(2);
    if (full) send(0);
    void (*run)(void *) = full ? send_once : receive_once;
    struct green *threads[] = {go(run, 1), go(run, 2)};
    if (explore_choose(2)) green_yield();
    close_channel();
    if (explore_choose(2)) close_channel();
    for (int i = 0; i < 2; i++) green_join(threads[i]);
    if (send(3)) explore_fail("chan_send answers true, and the channel is closed");
    if (full) receive(), receive();
    if (receive() != CLOSED) explore_fail("a channel that is closed and was emptied brings a number");
}

void run_closing(void) {
    size_t capacity = 1 + explore_choose(2);
    open_channel(capacity);
    run_green(1 + explore_choose(2), first_of_closing);
    check((long)capacity);
    end_channel();
}
