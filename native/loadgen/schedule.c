/* SPDX-License-Identifier: MIT */
/* schedule.c -- the open loop: messages are sent when they are due. */
#include <sys/timerfd.h>

#include "run.h"

/* The next client in turn that may send one more. */
static struct client *next_sender(struct run *r, size_t *index) {
    struct load *load = r->lane->load;
    for (size_t tries = 0; tries <= load->clients; tries += r->lane->step) {
        if (r->turn >= load->clients) r->turn = r->lane->number;
        *index = r->turn;
        r->turn += r->lane->step;
        struct client *c = &load->client[*index];
        if (c->state == CLIENT_BUSY && c->goal < c->target && c->dues < DUES) return c;
    }
    return NULL;
}

/* Sends all that is due. When nobody has room for more, the schedule waits but
 * does not move: latency goes on counting from when a message was due. */
void run_send_due(struct run *r) {
    uint64_t now = now_ns();
    for (size_t i; r->due_ns <= now; r->due_ns += (uint64_t)(1e9 / r->lane->rate)) {
        struct client *c = next_sender(r, &i);
        if (!c) break;
        client_due(c, r->due_ns);
        c->goal += c->work.message;
        run_send(r, i);
    }
    uint64_t at = r->due_ns > now ? r->due_ns : now + SIP_MS * UINT64_C(1000000);
    struct itimerspec when = {.it_value = {(time_t)(at / 1000000000u), (long)(at % 1000000000u)}};
    timerfd_settime(r->timer, TFD_TIMER_ABSTIME, &when, NULL);
}
