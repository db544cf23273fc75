/* SPDX-License-Identifier: MIT */
/* echo.h -- kata 03's drivers know a listener and a stop by descriptors. What they
 * call here makes of these what iocp_echo.h has (sim_interface.c). */
#ifndef ECHO_H
#define ECHO_H

#include <stdint.h>

#define echo_listen listen_by_descriptor
#define echo_serve serve_by_descriptor

int listen_by_descriptor(const char *ipv4, uint16_t port, int backlog);
int serve_by_descriptor(int listen_fd, int stop_fd);

#endif
