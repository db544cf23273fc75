/* SPDX-License-Identifier: MIT */
/* stream.c -- TCP connections as the server sees them, after net/ipv4/tcp.c,
 * and what clients do at the other end.
 *
 * A read takes all there is or all that fits: one that comes back short has
 * emptied the buffer. A write is short only when the send buffer is full. */
#include "calls.h"
#include "file.h"
#include "ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { SEND_BUFFER_WRITABLE = 3 }; /* a third must be free before poll says so */

struct peer world_peers[MAX_PEERS];
struct file *the_listener;
static unsigned char storage[MAX_PEERS][2][RING_BYTES];
static struct peer *queue[MAX_PEERS]; /* the accept queue */
static int queued;

struct peer *world_peer(int number, size_t in_bytes, size_t out_bytes) {
    struct peer *p = &world_peers[number - 1];
    *p = (struct peer){.number = number, .fd = -1, .edge_triggered = true, .low_water = 1};
    p->in = (struct ring){.size = in_bytes, .bytes = storage[number - 1][0]};
    p->out = (struct ring){.size = out_bytes, .bytes = storage[number - 1][1]};
    return p;
}

void streams_reset(void);
void streams_reset(void) {
    memset(world_peers, 0, sizeof world_peers);
    the_listener = NULL;
    queued = 0;
}

static bool writable(const struct peer *p) {
    return ring_room(&p->out) * SEND_BUFFER_WRITABLE >= p->out.size;
}

/* Both sides have ended, and all has arrived: TCP is done with it, whoever still
 * has a descriptor. */
static bool gone(const struct peer *p) {
    return p->fin && p->server_fin && !p->nospace;
}

/* Enough to be told; a full buffer is, whatever was asked for. */
static bool readable(const struct peer *p) {
    return p->in.used > 0 && (p->in.used >= p->low_water || ring_room(&p->in) == 0);
}

void stream_low_water(struct peer *p, size_t bytes) {
    p->low_water = bytes;
    if ((readable(p) || p->fin) && p->file) file_wake(p->file, EPOLLIN);
}

void stream_cork(struct peer *p, bool on) {
    p->corked = on;
    if (!on) p->held_back = 0;
}

size_t peer_arrived(const struct peer *p) {
    return p->out.used - p->held_back;
}

/* The program has connected, and nobody has answered yet. */
static bool under_way(const struct peer *p) {
    return p->state == CONNECTING && !p->rst;
}

uint32_t stream_poll(struct peer *p) {
    uint32_t now = 0;
    if (under_way(p)) return 0;
    bool ended = p->fin || p->rst || p->server_unread;
    if (readable(p) || ended) now |= EPOLLIN;
    if (ended) now |= EPOLLRDHUP;
    if (p->rst || (ended && p->server_fin)) now |= EPOLLHUP;
    if (p->error) now |= EPOLLERR;
    if (writable(p) || p->server_fin || p->rst)
        now |= EPOLLOUT;
    else
        p->nospace = true; /* a program that asked and was told no hears when that changes */
    return now;
}

static ssize_t refuse(int error) {
    errno = error;
    return -1;
}

static void took(struct peer *p, size_t size) {
    ring_drop(&p->in, size);
    p->read += size;
    if (p->in.used == 0) p->ready_since = 0;
    world_progress();
}

ssize_t stream_read(struct peer *p, unsigned char *bytes, size_t size, int flags) {
    size_t taken = size < p->in.used ? size : p->in.used;
    if (taken > 0) {
        if (!(flags & MSG_TRUNC)) ring_look(&p->in, bytes, taken);
        if (!(flags & MSG_PEEK)) p->user_in += taken, took(p, taken);
        return (ssize_t)taken;
    }
    if (size == 0 || p->fin) return 0;
    if (p->error) {
        int error = p->error;
        p->error = 0;
        return refuse(error);
    }
    return p->rst || p->server_unread ? 0 : refuse(EAGAIN);
}

static ssize_t write_refused(struct peer *p, bool quiet) {
    int error = p->error ? p->error : EPIPE;
    p->error = 0;
    if (error == EPIPE && !quiet) signal_pipe();
    return refuse(error);
}

/* What is written with MSG_MORE is held back until something is written without,
 * or nothing more goes in: for 200 ms at most, which a driver judges before. */
ssize_t stream_write(struct peer *p, const unsigned char *bytes, size_t size, int flags) {
    if (p->rst || p->server_fin) return write_refused(p, flags & MSG_NOSIGNAL);
    if (under_way(p)) return refuse(EAGAIN);
    size_t room = ring_room(&p->out), given = size < room ? size : room;
    if (given < size) p->nospace = true, p->short_at = p->echoed + given + 1;
    if (given == 0) return size == 0 ? 0 : refuse(EAGAIN);
    world_hooks.wrote(p, bytes, given);
    ring_put(&p->out, bytes, given);
    p->echoed += given, p->user_out += given;
    bool more = (p->corked || flags & MSG_MORE) && ring_room(&p->out) > 0;
    p->held_back = more ? p->held_back + given : 0;
    world_progress();
    return (ssize_t)given;
}

ssize_t stream_to_pipe(struct peer *p, struct pipe *pipe, size_t size) {
    size_t room = ring_room(&pipe->bytes);
    if (room == 0) return refuse(EAGAIN);
    unsigned char bytes[4096];
    size_t most = size < room ? size : room;
    ssize_t taken = stream_read(p, bytes, most < sizeof bytes ? most : sizeof bytes, 0);
    if (taken <= 0) return taken;
    p->user_in -= (uint64_t)taken;
    return pipe_write(pipe, bytes, (size_t)taken);
}

ssize_t pipe_to_stream(struct pipe *pipe, struct peer *p, size_t size, int flags) {
    unsigned char bytes[4096];
    size_t most = size < sizeof bytes ? size : sizeof bytes;
    if (most > pipe->bytes.used) most = pipe->bytes.used;
    if (most == 0) return pipe->writer ? refuse(EAGAIN) : 0;
    ring_look(&pipe->bytes, bytes, most);
    ssize_t given = stream_write(p, bytes, most, flags); /* splice has no MSG_NOSIGNAL */
    if (given <= 0) return given;
    p->user_out -= (uint64_t)given;
    ring_drop(&pipe->bytes, (size_t)given);
    return given;
}

/* Bytes that were not read make the end a reset, and so the client may lose
 * what was on its way to it. */
void stream_close(struct file *file) {
    struct peer *p = file->peer;
    p->state = CLOSED, p->file = NULL, p->fd = -1;
    if ((p->in.used > 0 || p->server_closing == CLOSE_RESETS) && !p->rst && !gone(p))
        p->server_rst = true;
    else
        p->server_fin = true;
    p->ready_since = 0, p->held_back = 0;
    world_progress();
}

struct peer *stream_queued(void) {
    return queued > 0 ? queue[0] : NULL;
}

struct peer *stream_dequeue(void);
struct peer *stream_dequeue(void) {
    struct peer *p = queue[0];
    memmove(queue, queue + 1, (size_t)--queued * sizeof *queue);
    world_progress();
    return p;
}

int world_queued(void) {
    return queued;
}

bool peer_may_connect(void) {
    return the_listener && queued <= the_listener->socket.backlog;
}

void peer_connect(struct peer *p) {
    world_tell(p->number, "connects");
    p->state = QUEUED;
    queue[queued++] = p;
    world_progress();
    file_wake(the_listener, EPOLLIN);
}

/* What the server has not read is not lost. */
void peer_fail(struct peer *p, int error) {
    p->rst = true, p->error = error;
    p->out.used = p->held_back = 0;
    world_progress();
    if (p->file) file_wake(p->file, 0);
}

void peer_send(struct peer *p, const unsigned char *bytes, size_t size) {
    world_tell(p->number, "sends %zu byte%s", size, size == 1 ? "" : "s");
    if (p->rst) return;                      /* it may have been the server's kernel */
    if (p->server_fin && p->server_unread) { /* it will never be read: Linux answers with a reset */
        peer_fail(p, ECONNRESET);
        return;
    }
    ring_put(&p->in, bytes, size);
    p->sent += size;
    if (!p->ready_since) p->ready_since = world_calls + 1;
    world_progress();
    if (p->file && readable(p)) file_wake(p->file, EPOLLIN);
}

void peer_receive(struct peer *p, size_t size) {
    world_tell(p->number, "receives %zu byte%s", size, size == 1 ? "" : "s");
    ring_drop(&p->out, size);
    p->received += size;
    world_progress();
    if (p->file && writable(p)) knotes_acknowledged(p->file);
    if (!p->nospace || !writable(p) || !p->file) return;
    p->nospace = false;
    bool over = p->fin && p->server_fin; /* the last bytes are out: the connection is gone, which all are told */
    file_wake(p->file, over ? 0 : EPOLLOUT);
}

void peer_half_close(struct peer *p) {
    world_tell(p->number, "half-closes");
    if (p->rst) return;
    p->fin = true;
    world_progress();
    if (p->file) file_wake(p->file, 0);
}

void peer_reset(struct peer *p) {
    world_tell(p->number, "resets the connection");
    if (gone(p)) p->rst = true; /* and the server's kernel notices nothing */
    if (!p->rst) peer_fail(p, p->fin ? EPIPE : ECONNRESET);
}

void peer_vanish(struct peer *p, int error) {
    world_tell(p->number, "is cut off: %s", strerrorname_np(error));
    peer_fail(p, error);
}
