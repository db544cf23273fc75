/* SPDX-License-Identifier: MIT */
/* tiny_redis.h -- a server of Redis' protocol, RESP2, in one thread: strings,
 * hashes, lists and sorted sets in memory, with times to live.
 *
 * Threads. redis_serve runs on its caller's thread and starts no thread or
 * process. Several calls may run in one process, each with a listener and keys
 * of its own; they share nothing.
 *
 * Answers. To each request one answer, in the order of the requests, byte for
 * byte that of Redis 7.0, error texts too. What a command that is answered with
 * an error was to change is unchanged. Names of commands and of options are
 * known in any case of letters. Keys and values are any bytes.
 *   connection  PING [m] | ECHO m | QUIT (OK, then closes) | SELECT 0 | CLIENT ...
 *               and FUNCTION FLUSH (OK) | COMMAND and CONFIG GET p (an empty
 *               array) | INFO (a bulk string of "name:value" lines)
 *   keys        DEL k... | EXISTS k... | TYPE k | KEYS glob (in any order) | DBSIZE
 *               (keys that have expired may be counted until they are removed)
 *               | FLUSHALL | EXPIRE, PEXPIRE, EXPIREAT k n | TTL, PTTL, PERSIST k
 *   strings     GET k | SET k v [EX s | PX ms | KEEPTTL] [NX | XX] [GET] | GETSET k v
 *               | GETDEL k | APPEND k v | STRLEN k | SETRANGE k at v | GETRANGE k from to
 *               | MSET, MSETNX k v... | MGET k... | INCR, DECR k | INCRBY, DECRBY k n
 *   hashes      HSET k f v... | HGET k f | HDEL k f... | HLEN k | HGETALL k (fields in
 *               the order in which they came) | HINCRBY k f n
 *   lists       LPUSH, RPUSH k v... | LPOP, RPOP k [count] | LLEN k | LRANGE k from to
 *   sorted sets ZADD k score m... | ZSCORE k m | ZREM k m... | ZCARD k | ZRANK k m
 *               | ZRANGE k from to [WITHSCORES] (by score, then by bytes; "%.17g")
 * No other option is tried; any other command is answered -ERR unknown command,
 * as Redis says it. There is one database: SELECT of another one is out of range.
 *
 * Requests. An array of bulk strings, or a line of words (quoted as in Redis).
 * They arrive split at any byte, and many at once (pipelined); an answer does not
 * wait for more than its request. A bulk string has at most 64 KiB, a request at most 1,024
 * of them: more is Redis' protocol error ("invalid bulk length", "invalid multibulk
 * length"), and what is no request is Redis' too; then the connection is closed.
 *
 * Clients. No client harms another one: not by resetting its connection, by
 * reading slowly or never, or by sending without pause. One to which more than
 * 1 MiB of answers is owed is read no further, and its requests are put off
 * until it is less: at most one answer more is made. Of requests that are put off
 * at most 1 MiB is read. Between two turns of a connection (at most 256 KiB of
 * it are read) each other one that is ready has a turn. A client that
 * half-closes gets the answers to all its whole requests, then the end of the
 * stream, and its descriptor is closed. The server closes a connection for no other reason than QUIT, a
 * protocol error, its end, an error of that connection, the stop, or want of memory.
 *
 * Time. `now_ms(world)` is the time of day in milliseconds. It is asked at least once
 * after each wait, and it may jump, forth and back. A key that has expired is not there for
 * any command, DBSIZE apart; in the millisecond of its deadline itself either is right (Redis
 * has it there still, with a PTTL of 0). In the background expired keys are removed, also when
 * no client says a word: at most 1 ms of such work (in steps: 100,000 basic blocks,
 * what 1 ms was when that was counted) between two waits, the parts of one key's value
 * apart, and a million keys that expire together are gone within 10 s.
 *
 * Steps. No command takes a number of steps that grows with the number of keys,
 * a logarithm apart: not when the table of keys grows, either, and not when it is
 * the unlucky one. KEYS and FLUSHALL are the exceptions, and work on a key's own value.
 *
 * Waiting. One call waits: epoll_wait, or poll. While there is nothing to do, the
 * server makes at most 400 system calls a second, keys to expire or not.
 *
 * Errors. EINTR from any call means: again. SIGPIPE does not end the process. As in 03:
 * an error of accept that concerns one client (ECONNABORTED, ...) ends nothing;
 * without descriptors (EMFILE, ENFILE) or kernel memory the connections that are there are served on, and
 * waiting clients are accepted within 250 ms once one is free. Without memory for a command the
 * answer is "-OOM command not allowed when used memory > 'maxmemory'.", and nothing has
 * changed; without memory for a connection or the bytes of its request, that connection may be
 * closed, and nothing else. Every descriptor is closed on exec. */
#ifndef TINY_REDIS_H
#define TINY_REDIS_H

#include <stdint.h>

/* Makes a listening TCP socket: non-blocking, with SO_REUSEADDR, closed on exec, bound to
 * `ipv4` ("127.0.0.1") and `port` (0: the kernel chooses one), with this backlog.
 * Answers its descriptor, the caller's, or -errno of the call that failed; then
 * nothing is left open. -EINVAL: `ipv4` is NULL or not four numbers with dots between them. */
int redis_listen(const char *ipv4, uint16_t port, int backlog);

/* Serves the connections of `listen_fd` until `stop_fd` is readable, or its other end
 * closed; watches `stop_fd` and never reads it. Both belong to the caller and stay open. It begins with
 * no keys. Answers 0 after a stop, -errno if serving could not begin or go on;
 * in both cases every descriptor that it opened is closed and all memory is freed. */
int redis_serve(int listen_fd, int stop_fd, int64_t (*now_ms)(void *world), void *world);

#endif
