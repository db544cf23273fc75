/* SPDX-License-Identifier: MIT */
/* play.c -- five threads, one call at a time, drawn from what each may do now.
 *
 *   play  kind (see kinds.h), moves
 *
 * After each move all threads are waited for until each of them sleeps (or yields, in a spin lock) or is done. A move
 * is one thread's call, or time that passes, or a futex_wait that ends for no reason.
 *
 * Evidence: the rows `moves`; `own_timers`, see actors.h; `spun_op`, the call that neither slept nor came to its end,
 * which ends the scenario; 0: none. */
#include "actors.h"
#include "driver.h"

#include <errno.h>

#include "evidence.h"
#include "graders_own.h"
#include "rng.h"
#include "scenario.h"

#define MOVES_MAX 4000

/* Masks have a bit for each actor: whose call has not returned, who of these sleeps on the mutex, and what the last
 * call of each has answered. `waits_made` and `wakes_made` are those of all in this move, `woken` those of the actor.
 */
EVIDENCE_ROW(move, actor, op, deadline_ns, now_ns, waiting, on_mutex, answers, waits_made, wakes_made, woken);

enum holding { NOTHING, HAS, READS, WRITES };

static struct {
    enum kind kind;
    struct rng rng;
    struct move moves[MOVES_MAX];
    uint64_t count;
    enum holding holds[ACTORS];
    enum op doing[ACTORS];
    uint64_t deadlines[ACTORS];
    struct standing before[ACTORS];
} p;

static HANDED_OVER struct objects objects;

static void report(enum op spun_op) {
    evidence_rows("moves", move, p.moves, p.count);
    evidence_count("own_timers", own_timers());
    evidence_count("spun_op", spun_op);
}

static uint64_t below(uint64_t bound) {
    return rng_below(&p.rng, bound);
}

/* What the actor has once its call has answered. */
static enum holding held_after(enum op op, bool answer) {
    if (op == LOCK || op == WAIT || op == WAIT_UNTIL) return HAS;
    if (op == READ_LOCK || op == WRITE_LOCK) return op == READ_LOCK ? READS : WRITES;
    return (op == TRY || op == LOCK_UNTIL) && answer ? HAS : NOTHING;
}

static void note(unsigned actor, enum op op, uint64_t deadline_ns) {
    struct move *m = &p.moves[p.count++];
    *m = (struct move){.actor = actor, .op = op, .deadline_ns = deadline_ns, .now_ns = time_now()};
    for (unsigned i = 0; i < ACTORS; i++) {
        struct standing now = actor_standing(i), before = p.before[i];
        m->waiting |= (uint64_t)now.waits << i;
        m->on_mutex |= (uint64_t)now.on_mutex << i;
        m->answers |= (uint64_t)now.answer << i;
        m->waits_made += now.waits_made - before.waits_made;
        m->wakes_made += now.wakes_made - before.wakes_made;
        if (i == actor) m->woken = now.woken - before.woken;
        if (!now.waits && p.doing[i]) {
            if (p.doing[i] != SIGNAL && p.doing[i] != BROADCAST) p.holds[i] = held_after(p.doing[i], now.answer);
            p.doing[i] = 0;
        }
        p.before[i] = now;
    }
}

static void act(unsigned actor, enum op op) {
    uint64_t deadline_ns = is_timed(op) ? time_now() + 2000 * below(8) - 1000 : 0;
    p.doing[actor] = op, p.deadlines[actor] = deadline_ns;
    actor_does(actor, op, deadline_ns);
    note(actor, op, deadline_ns);
}

static enum op draw(const enum op *ops, uint64_t count) {
    return ops[below(count)];
}
#define DRAW(...) draw((enum op[]){__VA_ARGS__}, sizeof((enum op[]){__VA_ARGS__}) / sizeof(enum op))

/* `last`: nobody else could wake it. */
static enum op choose(enum holding holds, bool last) {
    switch (p.kind) {
    case SPIN:
        return holds ? UNLOCK : DRAW(LOCK, LOCK, TRY);
    case MUTEX:
        return holds ? UNLOCK : DRAW(LOCK, LOCK_UNTIL, TRY);
    case CONDVAR:
        if (!holds) return DRAW(LOCK, LOCK, SIGNAL, BROADCAST);
        return last ? DRAW(UNLOCK, SIGNAL, BROADCAST) : DRAW(WAIT, WAIT, WAIT_UNTIL, WAIT_UNTIL, UNLOCK, SIGNAL);
    case RWLOCK:
        return holds == READS ? READ_UNLOCK : holds ? WRITE_UNLOCK : DRAW(READ_LOCK, READ_LOCK, WRITE_LOCK);
    default:
        return last ? UP : DRAW(UP, UP, UP, DOWN, DOWN, DOWN_UNTIL, TRY_DOWN);
    }
}

/* To a deadline that somebody waits for, or just not. */
static void let_time_pass(unsigned waiter) {
    uint64_t until = time_now() + 500, deadline_ns = p.deadlines[waiter];
    if (deadline_ns > until) until = deadline_ns - below(2);
    time_passes(until);
    note(ACTORS, TIME_PASSES, 0);
}

static void interrupt(unsigned waiter) {
    static const int answers[] = {0, -EINTR, -EAGAIN};
    interrupt_wait(waiter, answers[below(3)]);
    note(waiter, INTERRUPT, 0);
}

static unsigned idle_actors(unsigned idle[ACTORS]) {
    unsigned count = 0;
    for (unsigned i = 0; i < ACTORS; i++)
        if (!p.before[i].waits) idle[count++] = i;
    return count;
}

/* Nobody waits, nor has waited: what has to be quiet then is tried in every play, where it is seldom drawn. */
static void act_alone(void) {
    if (p.kind == CONDVAR) {
        act(0, SIGNAL), act(0, BROADCAST);
    } else if (p.kind == RWLOCK) {
        act(0, READ_LOCK), act(0, READ_UNLOCK);
        act(0, WRITE_LOCK), act(0, WRITE_UNLOCK);
    }
}

void play(uint64_t seed) {
    unsigned idle[ACTORS];
    p.kind = (enum kind)scenario_param("kind");
    p.rng = rng_new(seed, 0);
    actors_start(p.kind, &objects, report);
    act_alone();
    while (p.count < scenario_param("moves")) {
        unsigned count = idle_actors(idle), actor = (unsigned)below(ACTORS);
        bool waits = p.before[actor].waits;
        if (count == 0 && !waits) break;
        if (waits && p.kind != SPIN && below(3) == 0) {
            interrupt(actor);
        } else if (waits && p.kind != SPIN && (is_timed(p.doing[actor]) || count == 0)) {
            let_time_pass(actor);
        } else if (count > 0) {
            actor = idle[below(count)];
            act(actor, choose(p.holds[actor], count == 1));
        }
    }
    report((enum op)0);
    evidence_end(); /* some may wait still */
}
