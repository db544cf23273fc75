/* SPDX-License-Identifier: MIT */
/* sys/event.h -- kqueue(2) on Linux: the part of it that a server of sockets
 * needs, with FreeBSD's numbers. On macOS and the BSDs the system has this file;
 * here kevent is answered by native/kqueue on real sockets, and by the simulated
 * kernel in a life. Two differences in types: `data` is an int64_t as on FreeBSD
 * (macOS: intptr_t), and FreeBSD's `ext` is not there. */
#ifndef C10KATA_SYS_EVENT_H
#define C10KATA_SYS_EVENT_H

#include <stdint.h>
#include <time.h>

struct kevent {
    uintptr_t ident; /* a descriptor; of timers and user events, any number */
    short filter;
    unsigned short flags;
    unsigned int fflags;
    int64_t data;
    void *udata; /* comes back as it was given */
};

/* Filters. Together with `ident` they name an entry of a kqueue. */
#define EVFILT_READ (-1)
#define EVFILT_WRITE (-2)
#define EVFILT_TIMER (-7)
#define EVFILT_USER (-11)

/* Actions. */
#define EV_ADD 0x0001     /* makes the entry, or changes it; it is enabled then, unless EV_DISABLE says otherwise */
#define EV_DELETE 0x0002  /* closing the descriptor does this, too */
#define EV_ENABLE 0x0004  /* its events are reported */
#define EV_DISABLE 0x0008 /* they are not */
#define EV_RECEIPT 0x0040 /* each change is answered by an EV_ERROR, with 0 in `data` if it went well */

/* How an entry reports. */
#define EV_ONESHOT 0x0010  /* once; then it is gone */
#define EV_CLEAR 0x0020    /* again only when something new has happened */
#define EV_DISPATCH 0x0080 /* once; then it is disabled */

/* What is reported. */
#define EV_ERROR 0x4000 /* a change failed: `data` is the errno */
#define EV_EOF                                                                                                         \
    0x8000 /* the other side has ended, or the connection is broken: `fflags` is the errno, if there is one */

/* `fflags` of EVFILT_READ and EVFILT_WRITE: `data` is the least that is worth an event. */
#define NOTE_LOWAT 0x0001

/* `fflags` of EVFILT_TIMER: the unit of `data`; without any, milliseconds. */
#define NOTE_SECONDS 0x0001
#define NOTE_MSECONDS 0x0002
#define NOTE_USECONDS 0x0004
#define NOTE_NSECONDS 0x0008

/* `fflags` of EVFILT_USER. */
#define NOTE_TRIGGER 0x01000000
#define NOTE_FFNOP 0x00000000
#define NOTE_FFAND 0x40000000
#define NOTE_FFOR 0x80000000
#define NOTE_FFCOPY 0xc0000000
#define NOTE_FFCTRLMASK 0xc0000000
#define NOTE_FFLAGSMASK 0x00ffffff

#define EV_SET(event, i, f, how, ff, d, u)                                                                             \
    (*(event) = (struct kevent){                                                                                       \
         .ident = (uintptr_t)(i), .filter = (f), .flags = (how), .fflags = (ff), .data = (d), .udata = (u)})

/* A new queue's descriptor, or -1 and errno. */
int kqueue(void);

/* Makes all changes, then waits for at least one event, at most for `timeout` (NULL: for ever; zero: not at all), and
 * answers how many there are. With `most` 0 it does not wait. A change that fails is an event (EV_ERROR) if there is
 * room for it, and then the call does not wait; else the call ends there with -1 and errno. EINTR: the changes are
 * made. */
int kevent(int queue, const struct kevent *changes, int count, struct kevent *events, int most,
           const struct timespec *timeout);

#endif
