/* SPDX-License-Identifier: MIT */
/* http_offload.h -- an HTTP/1.1 server (RFC 9112): one thread reads, parses and
 * writes, and slow handlers run on a few workers behind a bounded queue.
 *
 * Threads. http_serve is the loop, on its caller's thread. It starts
 * limits.workers threads, and all of them have ended when it returns. The
 * handler runs on those threads alone, on several at once. The loop waits in one
 * place, for events (epoll_wait, poll, ...); it never waits for a handler, not
 * even in a lock that a thread holds while it runs one. A worker without work
 * sleeps. Several calls of http_serve may run in one process, each with a
 * listener of its own; they share nothing.
 *
 * Handlers. A request is handed over when its last byte has been read. It is its
 * handler's until that returns. `method` and `target` end with a zero byte; the
 * body is any bytes, decoded if it was chunked. The response says 200 and has no
 * body and no `release` when the handler begins. The body that it names belongs
 * to the server until `release(body)`, which is called exactly once for each
 * handler that has set it, from any thread, once the body is not needed any
 * more: after it was sent or copied, or when its client is gone. Statuses are 200
 * to 599; for any other one the client gets a 500.
 *
 * Queue. At most queue_max requests wait for a worker. One that is complete while
 * so many wait is answered 503 with Retry-After at once, and the connection stays
 * open. No other request is answered 503, except for want of memory.
 *
 * Answers. Each connection gets the answers to its requests in their order, in
 * whatever order the handlers end. Each has a Content-Length, except for 204 and
 * 304, which like the answers to HEAD have no body; to HEAD the length is what it
 * would have been. `Connection: close` is in an answer when the server ends the
 * connection after it, because the request asked for that or was refused; in no
 * other one, except at the stop and once the client has ended its side, where it
 * is free. Other fields are free.
 *   Kept open: HTTP/1.1 without `Connection: close` (one word of a list, in any
 *   case). HTTP/1.0 is answered and closed.
 *   A client that half-closes gets its answers, and then the end.
 *   `Expect: 100-continue` of HTTP/1.1: when there is to be a body, and none of it
 *   has come with the head, `HTTP/1.1 100 Continue` comes before it, in the order
 *   of answers. A request that is refused gets its refusal and no 100.
 *   After a last answer the server ends its side (shutdown), and reads and
 *   discards what comes until the client ends its own, or for idle_timeout_ms: a
 *   close with unread bytes is a reset, which can overtake the answer.
 *
 * Requests. GET HEAD POST PUT PATCH DELETE OPTIONS are for the handler. Targets
 * are `/path?query`; `http://host/path?query`, of which the handler gets
 * `/path?query` (`/` if the path is empty); and `*` for OPTIONS. One empty line
 * before a request is ignored. HTTP/1.2 to 1.9 are as 1.1. Trailer fields are
 * read as fields are, and discarded; chunk extensions are ignored.
 * The server's own answers, each the last one, except for the 503:
 *   400  whatever is not as the RFC has it, and what could be read in two ways:
 *        two Content-Length, whatever they say, or one that is a list;
 *        Content-Length and Transfer-Encoding; Transfer-Encoding in HTTP/1.0; a
 *        line that ends with LF alone, CR anywhere else, also in chunked bodies;
 *        space before a colon, a line that begins with space (obs-fold); HTTP/1.1
 *        without Host, more than one Host, a Host with a byte that no host and
 *        port has; control bytes in a field, tabs apart; a fragment (#) in a target
 *   405  CONNECT and TRACE, with Allow
 *   408  a request whose last byte has not come request_timeout_ms after its first
 *        one was read. It is told up to 250 ms later, not earlier
 *   411  POST, PUT and PATCH without Content-Length and Transfer-Encoding
 *   413  a body of more than body_max bytes, as soon as its length is known
 *   414  a request line of more than header_max bytes, CRLF with it
 *   431  request line, fields and empty line, or trailers, of more than header_max;
 *        one chunk's size, with extensions and CRLF, of more (400 is right too)
 *   501  any other method; Transfer-Encoding other than `chunked` (400 is right too)
 *   505  HTTP/2.0 and every other major version but 1
 *
 * Time. A connection on which no request has begun and nothing is owed is closed
 * after idle_timeout_ms, without a word; so is one to which no byte of what it is
 * owed could be sent for as long. Both from the last byte in either direction, up
 * to 250 ms later, never earlier. No other connection ends for its slowness,
 * however long its handlers take.
 *
 * Clients. No client harms another one: not by a reset (SIGPIPE does not end the
 * process), by reading slowly or never, by sending little by little. One that
 * leaves costs at most the handlers of its own requests. Of one connection at
 * most 64 requests are handed over and not wholly answered; then the server does
 * not read from it.
 *
 * Errors. EINTR means: again. When accept fails for want of descriptors, those
 * that are there are served on, and waiting clients are accepted within 250 ms of
 * there being one again. Without memory for a connection, a request or its answer,
 * that one is closed or answered 503, and nothing else. Descriptors that the
 * server makes are closed on exec. */
#ifndef HTTP_OFFLOAD_H
#define HTTP_OFFLOAD_H

#include <stddef.h>
#include <stdint.h>

struct http_request {
    const char *method, *target;
    const void *body; /* of body_size bytes */
    size_t body_size;
};

struct http_response {
    int status;
    const void *body; /* of body_size bytes; NULL: none */
    size_t body_size;
    void (*release)(void *); /* NULL: the body needs none */
};

/* Slow; on a worker. `world` is http_serve's. */
typedef void (*http_handler)(const struct http_request *, struct http_response *, void *world);

struct http_limits {
    size_t workers, queue_max;                    /* at least 1 */
    size_t header_max, body_max;                  /* bytes; header_max 64 to 2^20 */
    uint32_t idle_timeout_ms, request_timeout_ms; /* at least 1 */
};

/* Serves the connections of `listen_fd`, a non-blocking listening stream socket
 * (TCP or AF_UNIX), until `stop_fd` (an eventfd, a pipe, a socket) is readable; it
 * may be so from the beginning. The function only watches `stop_fd`. Both belong
 * to the caller, and stay open and as they are. At the stop no connection is
 * accepted and nothing is read any more. Requests that have been read to their last
 * byte are answered, those too that wait in the server's memory behind the 64; each
 * connection is closed when it has its answers (or could be sent none for
 * idle_timeout_ms), and the function returns when no handler runs.
 *
 * Answers 0 after a stop, -EINVAL for limits that are not as above or a handler
 * that is NULL, or -errno if serving could not begin or go on (EAGAIN: a thread
 * could not be started). In each case every descriptor that it opened is closed,
 * every thread has ended, all memory is given back. It may be called again. */
int http_serve(int listen_fd, int stop_fd, struct http_limits limits, http_handler handler, void *world);

#endif
