/* SPDX-License-Identifier: MIT */
/* client.h -- one client: its connection, its stream, its work. A client
 * belongs to one thread at a time. */
#ifndef C10KATA_CLIENT_H
#define C10KATA_CLIENT_H

#include "loadgen.h"

#define DUES 16 /* messages of an open loop under way on one connection, at most */

enum client_state {
    CLIENT_AWAY,  /* not connected */
    CLIENT_IDLE,  /* connected, nothing to do */
    CLIENT_BUSY,  /* at work */
    CLIENT_ENDED, /* done with its work; its connection may be closed */
    CLIENT_LOST,  /* something went wrong, and the report says what */
};

struct client {
    int fd;
    enum client_state state;
    uint32_t start;        /* of its stream in the pattern */
    bool narrow;           /* connects as over a slow line */
    bool said_all;         /* has closed its sending half */
    bool blocked;          /* the kernel took less than was offered */
    uint64_t sent, echoed; /* bytes since it connected */
    uint64_t goal, target; /* `sent` as far as it may go now (open loop), and at the end of its work */
    uint64_t boundary;     /* `echoed` at which the message under way is whole */
    struct client_work work;
    /* When the messages under way were sent, or were due: oldest at `first_due`. */
    uint64_t due_ns[DUES];
    uint32_t first_due, dues;
};

uint64_t now_ns(void);

/* Connects to `server` from the address `from`, the port being any. 0 or errno. */
int client_connect(struct client *, const struct sockaddr_in *from, const struct sockaddr_in *server);

/* Takes up work; `at_once`: all of it may be sent now. */
void client_begin(struct client *, bool at_once);

/* Sends what the work's window allows. False: the connection is gone. */
bool client_send(struct client *, uint64_t now);

/* Reads and compares at most `most` bytes, through `buffer` of STREAM_PIECE
 * bytes. Answers how many came, 0 for "none now", -1 when the client is ENDED
 * or LOST. Adds to the report. */
ssize_t client_receive(struct client *, size_t most, char *buffer, uint64_t index, struct load_report *);

/* Marks one more message as due, if there is room for it among those under way. */
bool client_due(struct client *, uint64_t due_ns);

/* The connection ended or broke while the client was at work. */
void client_lost(struct client *, struct load_witness *, uint64_t index);

/* Resets the connection, whatever is under way. */
void client_reset(struct client *);

#endif
