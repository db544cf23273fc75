/* SPDX-License-Identifier: MIT */
/* wine_server.h -- what the server's program in Wine tells, beside WINE_BEGAN and
 * WINE_CRASHED, in this order: LISTENED, then SERVED for each of its lives. A byte
 * from the driver stops a life. */
#ifndef WINE_SERVER_H
#define WINE_SERVER_H

#include "wine.h"

enum { LIVES = 2 };

enum {
    LISTENED = WINE_OWN, /* number: echo_listen's answer; more: the listener's port */
    SERVED,              /* number: echo_serve's answer; more: packets that it has left in the port */
};

#endif
