/* SPDX-License-Identifier: MIT */
/* signals.c -- what the server has arranged for SIGPIPE. */
#include "calls.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

static const struct world_rule kills = {"sigpipe", "a client that is gone ends only its own connection",
                                        "which call raises SIGPIPE, and how can it be told not to?"};

static struct sigaction actions[64];
static sigset_t blocked;
static bool pending; /* SIGPIPE, once it is no longer blocked */

void signals_reset(void) {
    memset(actions, 0, sizeof actions);
    sigemptyset(&blocked);
    pending = false;
}

void signal_pipe(void) {
    struct sigaction *action = &actions[SIGPIPE];
    if (action->sa_handler == SIG_IGN) return;
    pending = sigismember(&blocked, SIGPIPE);
    if (pending) return;
    if (action->sa_handler == SIG_DFL)
        world_fail(&kills, "writing to a connection that the client has reset: SIGPIPE ends the process");
    action->sa_handler(SIGPIPE);
}

/* A signal that is ignored is not pending any more. */
static void deliver(void) {
    if (pending && actions[SIGPIPE].sa_handler == SIG_IGN) pending = false;
    if (pending && !sigismember(&blocked, SIGPIPE)) pending = false, signal_pipe();
}

static bool known(int signal) {
    return signal > 0 && signal < 64;
}

int sim_sigaction(int signal, const struct sigaction *new, struct sigaction *old);
int sim_sigaction(int signal, const struct sigaction *new, struct sigaction *old) {
    if (!known(signal)) return -1;
    if (old) *old = actions[signal];
    if (new) actions[signal] = *new;
    deliver();
    return 0;
}

sighandler_t sim_signal(int signal, sighandler_t handler);
sighandler_t sim_signal(int signal, sighandler_t handler) {
    if (!known(signal)) return SIG_ERR;
    sighandler_t old = actions[signal].sa_handler;
    actions[signal] = (struct sigaction){.sa_handler = handler};
    deliver();
    return old;
}

int sim_sigprocmask(int how, const sigset_t *set, sigset_t *old);
int sim_sigprocmask(int how, const sigset_t *set, sigset_t *old) {
    if (old) *old = blocked;
    for (int signal = 1; set && signal < 64; signal++) {
        bool named = sigismember(set, signal);
        if ((how == SIG_BLOCK && named) || (how == SIG_SETMASK && named)) sigaddset(&blocked, signal);
        if ((how == SIG_UNBLOCK && named) || (how == SIG_SETMASK && !named)) sigdelset(&blocked, signal);
    }
    deliver();
    return 0;
}

int sim_pthread_sigmask(int how, const sigset_t *set, sigset_t *old);
int sim_pthread_sigmask(int how, const sigset_t *set, sigset_t *old) {
    return sim_sigprocmask(how, set, old);
}
