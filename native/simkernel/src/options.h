/* SPDX-License-Identifier: MIT */
/* options.h -- socket options, and flags of calls: what each of them does here,
 * and by which name one is refused that is not modelled. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <sys/socket.h>

#include "file.h"

/* Of setsockopt and getsockopt; -1 and errno. */
int option_set(struct file *, int level, int name, const void *value, socklen_t size);
int option_get(struct file *, int level, int name, void *value, socklen_t *size);
/* "SO_REUSEADDR", or "option 99 of level 6"; kept until the next call. */
const char *option_name(int level, int name);

/* Of recv and send. */
void recv_flags(int flags);
void send_flags(int flags);
/* The life ends, with the call and the flag, if there are flags besides `known`. */
void only_flags(const char *call, unsigned flags, unsigned known);

#endif
