/* SPDX-License-Identifier: MIT */
/* balancer.h -- who gets the next request: six policies, exact to the pick, over
 * backends that fail, are taken out, and come back.
 *
 * Threads. Any thread may make any call at any time, lb_free apart. Calls take
 * effect one after another, each of them between its begin and its return.
 * Different balancers share nothing.
 *
 * Up and down. A backend is up unless the latest lb_set_up for it said false, or
 * it is out. It is up at first. lb_done counts its failures in a row: a failure adds
 * one, a success begins anew from 0. A failure that is the third in a row, or a
 * later one, takes the backend out for LB_OUT_NS: it is out while now less the
 * time of that failure is less than LB_OUT_NS. Then it is up again, with its
 * count: the next failure takes it out again. A success ends that at once; so
 * does lb_set_up(true), which begins the count anew, too. A backend that is down is
 * picked by nobody; what is active there stays active, and its lb_done count as
 * any other's.
 *
 * Active. A pick is active at its backend until its lb_done. Any number may be.
 *
 * Policies. n is the number of all backends, k that of those that are up, in the
 * order of their indexes. Weights count for LB_WEIGHTED, LB_LEAST_CONNECTIONS and
 * LB_TWO_CHOICES alone.
 *   LB_ROUND_ROBIN        The first that is up, at or after the place, which goes
 *                         round; it is at index 0 first, and then behind the pick.
 *   LB_WEIGHTED           Smooth. Each backend has a credit, 0 at first. A pick adds
 *                         to that of each that is up its weight; takes the one with
 *                         the most, of equal ones the first; and takes from it the
 *                         sum of the weights of all that are up. One that is down keeps
 *                         its credit. Weights 5, 1, 1 give 0 0 1 0 2 0 0, again and again.
 *   LB_LEAST_CONNECTIONS  The smallest active / weight, as exact fractions. Of equal
 *                         ones that whose latest pick is longest ago; those that were
 *                         never picked come before, the first of them first.
 *   LB_IP_HASH            Attempt i, from 0 to LB_ATTEMPTS - 1, asks for backend
 *                         mix(ring_hash(client) + i * 0x9e3779b97f4a7c15) % n, in 64
 *                         bits. The first that is up; if none is, the first that is up
 *                         after that of the last attempt, going round. So who goes down
 *                         moves its own clients alone, and they come back with it.
 *   LB_CONSISTENT         The ring of kata 06, with bounded loads. Point i of a backend,
 *                         from 0 to LB_POINTS - 1, is at ring_hash() of the text
 *                         "<name>_vnode_<i>", i in decimal. From the first point at or
 *                         after ring_hash(client) clockwise, the first backend that is
 *                         up and has, with this pick, at most ceil(1.25 * A / k) active;
 *                         A is what all that are up have together, with this pick. No
 *                         two points that matter are at the same place.
 *   LB_TWO_CHOICES        Draws twice: random() % k, and random() % k again, are indexes
 *                         among those that are up. The one with the smaller active /
 *                         weight, exactly; if they are equal, the one drawn first.
 *
 * ring_hash is FNV-1a of 64 bits (offset basis 0xcbf29ce484222325, prime
 * 0x100000001b3), then mix; mix is the 64-bit finalizer of MurmurHash3, in which
 * h ^= h >> 33 stands before, between and after the multiplications by
 * 0xff51afd7ed558ccd and 0xc4ceb9fe1a85ec53.
 *
 * Costs. lb_pick and lb_done take O(log n) steps; apart from these: a pick of
 * LB_WEIGHTED, which may take O(n); the points that LB_CONSISTENT goes past; and a
 * call at which a backend goes down or comes up, which may take O(n), as lb_set_up
 * may. lb_new takes O(n log n). Memory is taken by lb_new alone: no other call allocates.
 * None sleeps, or starts a thread. */
#ifndef BALANCER_H
#define BALANCER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LB_OUT_NS UINT64_C(10000000000)

enum { LB_FAILURES = 3, LB_ATTEMPTS = 64, LB_POINTS = 100, LB_WEIGHT_MAX = 1000 };

enum lb_policy { LB_ROUND_ROBIN, LB_WEIGHTED, LB_LEAST_CONNECTIONS, LB_IP_HASH, LB_CONSISTENT, LB_TWO_CHOICES };

struct lb_backend {
    const char *name; /* of 1 to 255 bytes, whatever they are; no two are equal */
    uint32_t weight;  /* 1 to LB_WEIGHT_MAX */
};

/* The caller's world. Each function is quick, may be called by several threads at once,
 * and makes no call of the balancer's. */
struct lb_env {
    uint64_t (*now_ns)(void *world); /* never goes back; may begin, and stop, anywhere */
    uint64_t (*random)(void *world); /* called by picks of LB_TWO_CHOICES alone, and by those that answer a backend */
    void *world;
};

struct balancer;

/* A balancer; all backends are up. The backends and their names are copied as far as they are
 * needed. NULL, and nothing is left behind: `policy` is none of the six; n is 0 or more than
 * INT_MAX; a name or a weight is not as above (NULL is no name); no memory. */
struct balancer *lb_new(enum lb_policy policy, const struct lb_backend *backends, size_t n, struct lb_env env);

/* The index of a backend, at which a request is active from here on; -1: nobody is up, and
 * nothing has changed. `client` is any bytes, also none, and is read by LB_IP_HASH and LB_CONSISTENT. */
int lb_pick(struct balancer *lb, const void *client, size_t client_size);

/* A request that lb_pick sent to `backend` has ended, well or `failed`. Called once for each pick. */
void lb_done(struct balancer *lb, int backend, bool failed);

/* Takes a backend out of service, or into it, whatever it was before. `backend` is from 0 to n - 1. */
void lb_set_up(struct balancer *lb, int backend, bool up);

/* Frees the balancer. No other call is in progress or follows; requests may still be active. NULL does nothing. */
void lb_free(struct balancer *lb);

#endif
