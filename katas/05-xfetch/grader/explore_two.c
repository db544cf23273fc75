/* SPDX-License-Identifier: MIT */
/* explore_two.c -- two caches share nothing, not even the loads that run: a load
 * of key 0 ends only when another cache has loaded its own key 0. */
#include "explored.h"

enum { VALUE = 77 };

static struct xfetch_cache *other;

static double other_now(void *world) {
    (void)world;
    return 1000;
}

static double other_uniform(void *world) {
    (void)world;
    return NEVER;
}

static bool other_load(void *world, uint64_t key, uint64_t *value, double *ttl_s) {
    (void)world, (void)key;
    *value = VALUE, *ttl_s = 100;
    return true;
}

static void *get_from_other(void *argument) {
    uint64_t value = 0;
    (void)argument;
    explore_name_thread("reader of the other cache");
    if (xfetch_get(other, 0, &value) != XFETCH_FRESH || value != VALUE)
        explore_fail("get(0) of the other cache does not answer XFETCH_FRESH with what its own load brought");
    return NULL;
}

static void wait_for_other_cache(int key) {
    pthread_t thread;
    (void)key;
    pthread_create(&thread, NULL, get_from_other, NULL);
    explore_wait_for("while one cache loads its key 0, get(0) of another cache does not return");
    pthread_join(thread, NULL);
    explore_wait_for(NULL);
}

void load_beside_other_cache(void) {
    open_cache(2);
    other = xfetch_new(2, 1, (struct xfetch_env){other_now, other_uniform, other_load, NULL});
    if (!other) explore_fail("a second xfetch_new answers NULL although nothing is lacking");
    origin = (struct origin){.load_s = 1, .ttl_s = 100, .during = wait_for_other_cache};
    get(0, NEVER);
    origin.during = NULL;
    get(0, NEVER);
    xfetch_free(other);
    close_cache();
    other = NULL;
}
