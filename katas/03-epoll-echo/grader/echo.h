/* SPDX-License-Identifier: MIT */
/* echo.h -- the two functions that an echo server has, on whatever interface of
 * the kernel: each kata's own header says what they promise. */
#ifndef ECHO_H
#define ECHO_H

#include <stdint.h>

int echo_listen(const char *ipv4, uint16_t port, int backlog);
int echo_serve(int listen_fd, int stop_fd);

#endif
