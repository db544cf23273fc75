/* SPDX-License-Identifier: MIT */
/* options.c -- see options.h. An option without effect here must have none that
 * a client of the server could see; whatever else is not modelled ends the life,
 * since a server that uses it would be judged by a kernel that does not exist. */
#include "options.h"

#include "calls.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

enum kind { REUSE, SHARE, LINGER, LOW_WATER, CORK, NO_DELAY, NO_EFFECT, UNKNOWN };

struct option {
    int level, name;
    const char *text;
    enum kind kind;
};

#define OPTION(level, name, kind) {level, name, #name, kind}
static const struct option options[] = {
    OPTION(SOL_SOCKET, SO_REUSEADDR, REUSE),
    OPTION(SOL_SOCKET, SO_REUSEPORT, SHARE),
    OPTION(SOL_SOCKET, SO_LINGER, LINGER),
    OPTION(SOL_SOCKET, SO_RCVLOWAT, LOW_WATER),
    OPTION(IPPROTO_TCP, TCP_CORK, CORK),
    OPTION(IPPROTO_TCP, TCP_NODELAY, NO_DELAY),
    OPTION(SOL_SOCKET, SO_SNDBUF, NO_EFFECT), /* buffers have the sizes that the driver gives them */
    OPTION(SOL_SOCKET, SO_RCVBUF, NO_EFFECT),
    OPTION(SOL_SOCKET, SO_KEEPALIVE, NO_EFFECT), /* clients answer */
    OPTION(IPPROTO_TCP, TCP_KEEPIDLE, NO_EFFECT),
    OPTION(IPPROTO_TCP, TCP_KEEPINTVL, NO_EFFECT),
    OPTION(IPPROTO_TCP, TCP_KEEPCNT, NO_EFFECT),
    OPTION(SOL_SOCKET, SO_RCVTIMEO, NO_EFFECT), /* a call that would wait has failed already */
    OPTION(SOL_SOCKET, SO_SNDTIMEO, NO_EFFECT),
    OPTION(SOL_SOCKET, SO_OOBINLINE, NO_EFFECT), /* no client sends urgent data */
    OPTION(SOL_SOCKET, SO_PRIORITY, NO_EFFECT),
    OPTION(IPPROTO_IP, IP_TOS, NO_EFFECT),
    OPTION(IPPROTO_TCP, TCP_QUICKACK, NO_EFFECT),
    OPTION(IPPROTO_TCP, TCP_DEFER_ACCEPT, NO_EFFECT), /* a client may have sent before it is accepted */
    OPTION(IPPROTO_TCP, TCP_FASTOPEN, NO_EFFECT),
    OPTION(IPPROTO_TCP, TCP_USER_TIMEOUT, UNKNOWN),
    OPTION(IPPROTO_TCP, TCP_NOTSENT_LOWAT, UNKNOWN),
    OPTION(IPPROTO_TCP, TCP_INFO, UNKNOWN),
    OPTION(SOL_SOCKET, SO_ZEROCOPY, UNKNOWN),
    OPTION(SOL_SOCKET, SO_SNDLOWAT, UNKNOWN),
    OPTION(SOL_SOCKET, SO_ATTACH_FILTER, UNKNOWN),
    OPTION(SOL_SOCKET, SO_PEEK_OFF, UNKNOWN),
};

static const struct option *known(int level, int name) {
    for (const struct option *o = options; o < options + sizeof options / sizeof *options; o++)
        if (o->level == level && o->name == name) return o;
    return NULL;
}

const char *option_name(int level, int name) {
    static char text[48];
    const struct option *o = known(level, name);
    if (o) return o->text;
    snprintf(text, sizeof text, "option %d of level %d", name, level);
    return text;
}

static int refuse(int error) {
    errno = error;
    return -1;
}

static void set_linger(struct file *file, const struct linger *linger) {
    enum closing *now = file->kind == STREAM ? &file->peer->server_closing : &file->socket.closing;
    *now = !linger->l_onoff ? CLOSE_ENDS : linger->l_linger == 0 ? CLOSE_RESETS : CLOSE_WAITS;
}

/* A connection has an option of its own; a listener passes its on. */
static void set_low_water(struct file *file, int bytes) {
    size_t least = bytes < 0 ? INT_MAX : bytes == 0 ? 1 : (size_t)bytes;
    if (file->kind != STREAM)
        file->socket.low_water = least;
    else
        stream_low_water(file->peer, least);
}

static void set_cork(struct file *file, bool on) {
    if (file->kind != STREAM)
        file->socket.corked = on;
    else
        stream_cork(file->peer, on);
}

int option_set(struct file *file, int level, int name, const void *value, socklen_t size) {
    const struct option *o = known(level, name);
    if (!o || o->kind == UNKNOWN) not_modelled("setsockopt", option_name(level, name));
    if (size < (o->kind == LINGER ? sizeof(struct linger) : sizeof(int))) return refuse(EINVAL);
    int number = *(const int *)value;
    bool before = file->kind != STREAM && !file->socket.bound;
    if (o->kind == REUSE && before) file->socket.reuse = number != 0;
    if (o->kind == SHARE && before) file->socket.share = number != 0;
    if (o->kind == LINGER) set_linger(file, value);
    if (o->kind == LOW_WATER) set_low_water(file, number);
    if (o->kind == CORK) set_cork(file, number != 0);
    if (o->kind == NO_DELAY && number && file->kind == STREAM && !file->peer->corked) file->peer->held_back = 0;
    return 0;
}

static int stream_option(struct peer *p, int name) {
    if (name == SO_SNDBUF) return (int)p->out.size;
    if (name == SO_RCVBUF) return (int)p->in.size;
    if (name == SO_RCVLOWAT) return (int)p->low_water;
    if (name != SO_ERROR) return 0;
    int error = p->error;
    p->error = 0;
    return error;
}

static int socket_option(const struct file *file, int name) {
    if (name == SO_ACCEPTCONN) return file->kind == LISTENER;
    if (name == SO_REUSEADDR) return file->socket.reuse;
    if (name == SO_REUSEPORT) return file->socket.share;
    return 0;
}

int option_get(struct file *file, int level, int name, void *value, socklen_t *size) {
    static const int both[] = {SO_ERROR, SO_TYPE, SO_ACCEPTCONN, SO_REUSEADDR, SO_REUSEPORT};
    static const int streams[] = {SO_SNDBUF, SO_RCVBUF, SO_RCVLOWAT};
    bool answered = false;
    for (size_t i = 0; i < sizeof both / sizeof *both; i++) answered |= both[i] == name;
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++)
        answered |= streams[i] == name && file->kind == STREAM;
    if (level != SOL_SOCKET || !answered) not_modelled("getsockopt", option_name(level, name));
    int answer = name == SO_TYPE        ? SOCK_STREAM
                 : file->kind == STREAM ? stream_option(file->peer, name)
                                        : socket_option(file, name);
    if (*size > sizeof answer) *size = sizeof answer;
    memcpy(value, &answer, *size);
    return 0;
}

void only_flags(const char *call, unsigned flags, unsigned known_flags) {
    char text[32];
    if (!(flags & ~known_flags)) return;
    snprintf(text, sizeof text, "the flag 0x%x", flags & ~known_flags);
    not_modelled(call, text);
}

/* The flags of recv and send by name, as far as one is likely. */
static void refused(const char *call, int flags, int known_flags) {
    static const struct {
        int flag;
        const char *name;
    } names[] = {{MSG_OOB, "MSG_OOB"},           {MSG_ERRQUEUE, "MSG_ERRQUEUE"},   {MSG_ZEROCOPY, "MSG_ZEROCOPY"},
                 {MSG_FASTOPEN, "MSG_FASTOPEN"}, {MSG_DONTROUTE, "MSG_DONTROUTE"}, {MSG_CONFIRM, "MSG_CONFIRM"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (flags & ~known_flags & names[i].flag) not_modelled(call, names[i].name);
    only_flags(call, (unsigned)flags, (unsigned)known_flags);
}

/* MSG_WAITALL waits only where a blocking descriptor would, which has failed already. */
void recv_flags(int flags) {
    refused("recv", flags, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT | MSG_NOSIGNAL | MSG_WAITALL | MSG_CMSG_CLOEXEC);
}

void send_flags(int flags) {
    refused("send", flags, MSG_MORE | MSG_DONTWAIT | MSG_NOSIGNAL | MSG_EOR | MSG_WAITALL);
}
