/* SPDX-License-Identifier: MIT */
/* wine.h -- the learner's file as a Windows program that Wine runs beside the
 * driver (the build "mingw"), and what the program tells.
 *
 * The driver is a program of its own: no code of the learner's shares its memory,
 * and what it sees on sockets it sees from outside. What the program tells may be
 * the learner's words, so it may cost points and never earns them.
 *
 * One program, started and ended once. The driver's calls come from one thread. */
#ifndef C10KATA_WINE_H
#define C10KATA_WINE_H

#include <stdbool.h>
#include <stdint.h>

/* One event, in the program's order. */
struct wine_event {
    uint32_t what;   /* an enum wine_what, or one of the kata's from WINE_OWN on */
    uint32_t number; /* a Windows error, or what the kata says */
    uint64_t more;
};

enum wine_what {
    WINE_BEGAN = 1, /* nothing of the learner's has run yet */
    WINE_CRASHED,   /* number: the exception; more: where, in the program's code, or 0 */
    WINE_OWN,
};

#ifdef _WIN32

/* The kata's part of the program (windows_*.c): calls the learner's functions. WSAStartup has been called. */
void windows_program(void);

void wine_tell(uint32_t what, uint32_t number, uint64_t more);

/* Waits until the driver asks for something; false when it asks for nothing more. */
bool wine_asked(char *what);

#else

#include <sys/types.h>

/* How the wait for an event ended. */
enum wine_wait {
    WINE_CAME,
    WINE_GONE,   /* the program has ended */
    WINE_ASLEEP, /* nothing comes, and all threads sleep, Wine's too */
    WINE_BUSY,   /* nothing comes, and it does something */
};

/* Starts the grading's program, and returns when it has begun. Where it does not
 * begin, this run ends with the count `wine_began` of 0: nobody can say of what. */
pid_t wine_start(void);

enum wine_wait wine_await(struct wine_event *);

/* Has it told something that nobody has waited for, or gone? */
bool wine_has_told(void);

void wine_ask(char what);

/* Ends the program, if it runs still, and Wine: nothing of them is left then. A
 * program that has done all it had to do is waited for. Answers its exit code; -1
 * when it had to be killed. */
int wine_end(bool has_done_all);

#endif
#endif
