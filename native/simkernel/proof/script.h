/* SPDX-License-Identifier: MIT */
/* script.h -- one random script of a server's calls and its clients' actions,
 * played on the simulated kernel (simulated.c) and on the real one (real.c).
 * Both must print the same, line by line. */
#ifndef SCRIPT_H
#define SCRIPT_H

#include <stdint.h>
#include <stdio.h>

/* Where a script's lines go. A simulated program's standard output leads
 * elsewhere, so this is none of its own descriptors. */
extern FILE *transcript;

enum { CLIENTS = 3, SCRIPT_STEPS = 60 };

/* script.c: the calls; its lines begin with what was done. */
void script_play(uint64_t seed, int length);

/* asks.c: poll and select, on these descriptors and on some of its own. */
void asks_begin(uint64_t seed);
void asks_look(const int *fds, int count);
void asks_end(void);

/* The clients' side of either kernel. */
void clients_open(int listen_fd);
void clients_settle(void); /* what is under way has arrived, and is acknowledged */
void client_connect(int client);
void client_send(int client, int size);
void client_receive(int client);
void client_half_close(int client);
void client_reset(int client);
/* How it has ended for the client: "the end", "a reset" or "nothing"; it
 * receives all that is left. */
const char *client_end(int client);
void clients_close(void);

/* Where a program may connect: who answers is a client from then on, and all of the above is true of it. */
enum backend { ANSWERS, REFUSES, SILENT, BACKENDS };
void backends_open(void);
/* Its port of the loopback address, in the order of the network. The client is to be whoever answers there. */
uint16_t backend_port(int client, enum backend backend);

#endif
