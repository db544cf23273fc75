/* SPDX-License-Identifier: MIT */
/* scenarios.c -- the list of scenarios, and what they share. */
#include "scenario.h"

#include <stddef.h>

#include "driver.h"
#include "evidence.h"

const struct scenario scenarios[] = {{"crowd", crowd}, {"alone", alone},   {"owners", owners}, {"no_memory", no_memory},
                                     {"bench", bench}, {"pauses", pauses}, {NULL, NULL}};

struct lease_client *new_client(const struct lease_env *env) {
    struct lease_client *client = lease_client_new(env);
    if (client) return client;
    evidence_broken_off("lease_client_new", "answered NULL, with memory to be had", "a client", "lease_client_new");
}

struct store *new_store(void) {
    struct store *store = store_new();
    if (store) return store;
    evidence_broken_off("store_new", "answered NULL, with memory to be had", "a store", "store_new");
}
