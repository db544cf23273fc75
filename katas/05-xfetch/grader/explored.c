/* SPDX-License-Identifier: MIT */
/* explored.c -- the world under the schedule explorer, and the list of scenarios. */
#include "explored.h"

#include <limits.h>
#include <sched.h>

enum { LOADS_MAX = 16, FACTOR = 1000, NONE = -1 };
#define NOT_YET LONG_MAX
#define UNTOUCHED UINT64_C(0x5ca1ab1e5ca1ab1e)

const struct explore_scenario explore_scenarios[] = {
    {"missing", run_missing}, {"small", run_small},         {"refreshing", run_refreshing},
    {"apart", run_apart},     {"overtaken", run_overtaken}, {"whole", run_whole},
    {"evicted", run_evicted}, {"traffic", run_traffic},     {NULL, NULL},
};

struct xfetch_cache *cache;
struct origin origin;

static const char *const result_names[] = {"XFETCH_FRESH", "XFETCH_STALE", "XFETCH_FAILED"};
static const char *const reader_names[THREADS] = {"main", "reader 1", "reader 2", "reader 3"};
static _Thread_local int me;

/* What the driver knows. Quiet functions only. `moment` counts what happens. */
static struct {
    double now_s;
    size_t capacity;
    long moment;
    int loads[KEYS], running[KEYS];
    struct load {
        bool ended, failed, looked;
        long landed_at;                     /* when the first get returned that had run it or shared it; NOT_YET */
        double looked_s, expiry_s, delta_s; /* looked_s: just after it */
    } load[KEYS][LOADS_MAX];
    struct call {
        int key, draws, newest, load; /* newest: value that had been returned before; load: that it ran. Or NONE */
        double draw, begun_s, looked_s;
        long begun_at;
    } call[THREADS];
} seen;

/* The look before a load and the look after it make its delta and its expiry:
 * in between, other threads may have moved the clock. */
EXPLORE_QUIET static double read_clock(int thread) {
    struct call *call = &seen.call[thread];
    struct load *load = call->load == NONE ? NULL : &seen.load[call->key][call->load];
    if (!load) {
        call->looked_s = seen.now_s;
    } else if (load->ended && !load->looked) {
        load->looked = true;
        load->looked_s = seen.now_s;
        load->delta_s = seen.now_s - call->looked_s;
        load->expiry_s = seen.now_s + (origin.ttl_s > 0 ? origin.ttl_s : 0);
    }
    return seen.now_s;
}

EXPLORE_QUIET void pass_time(double seconds) {
    seen.now_s += seconds;
}

EXPLORE_QUIET static int key_of(int thread) {
    return seen.call[thread].key;
}

EXPLORE_QUIET static double note_draw(int thread) {
    struct call *call = &seen.call[thread];
    if (++call->draws > 1) explore_fail("get(%d) draws a second time", call->key);
    return call->draw;
}

/* The newest load of the key that has brought a value; NULL: none has. */
EXPLORE_QUIET static const struct load *newest_value(int key) {
    for (int i = seen.loads[key] - 1; i >= 0; i--)
        if (seen.load[key][i].ended && !seen.load[key][i].failed) return &seen.load[key][i];
    return NULL;
}

/* Has no value ever had to leave? */
EXPLORE_QUIET static bool has_room(void) {
    size_t values = 0;
    for (int key = 0; key < KEYS; key++) values += newest_value(key) != NULL;
    return values <= seen.capacity;
}

/* ln(EARLY) and ln(NEVER): no library call in a quiet function. */
EXPLORE_QUIET static bool is_due(const struct load *value, const struct call *call) {
    double look_ahead = call->draws == 0 ? 0 : call->draw == EARLY ? 20.723 : 0.0011;
    return seen.now_s + look_ahead * value->delta_s >= value->expiry_s;
}

EXPLORE_QUIET static int note_load(int thread, int key) {
    const struct call *call = &seen.call[thread];
    if (key != call->key) explore_fail("get(%d) loads key %d", call->key, key);
    if (seen.running[key]++) explore_fail("two loads of key %d run at a time", key);
    const struct load *value = newest_value(key);
    if (has_room() && value && !is_due(value, call))
        explore_fail("get(%d) loads, at %g s, although its value is live until %g s and not due, and nothing has "
                     "been loaded that needs its room (capacity %zu)",
                     key, seen.now_s, value->expiry_s, seen.capacity);
    int number = seen.loads[key]++;
    if (number >= LOADS_MAX) explore_fail("more than %d loads of key %d", LOADS_MAX, key);
    seen.call[thread].load = number;
    seen.load[key][number].landed_at = NOT_YET;
    seen.moment++;
    return number;
}

EXPLORE_QUIET static void note_loaded(int thread, int key, int number, bool failed) {
    struct load *load = &seen.load[key][number];
    seen.now_s += origin.load_s;
    load->failed = failed;
    load->ended = true;
    load->delta_s = seen.now_s - seen.call[thread].looked_s;
    load->expiry_s = seen.now_s; /* until it has been looked at */
    seen.moment++;
    seen.running[key]--;
}

EXPLORE_QUIET static bool has_loaded(int thread) {
    const struct call *call = &seen.call[thread];
    return call->load != NONE && seen.load[call->key][call->load].ended;
}

static double env_now(void *world) {
    (void)world;
    double now_s = read_clock(me);
    if (origin.looked && has_loaded(me)) origin.looked();
    return now_s;
}

static double env_uniform(void *world) {
    (void)world;
    if (origin.drawing) origin.drawing(key_of(me));
    return note_draw(me);
}

static bool env_load(void *world, uint64_t key, uint64_t *value, double *ttl_s) {
    (void)world;
    int number = note_load(me, (int)key);
    sched_yield(); /* others get to see it running */
    if (origin.during) origin.during((int)key);
    bool failed = origin.fails || (origin.may_fail && explore_choose(2));
    note_loaded(me, (int)key, number, failed);
    *value = failed ? UNTOUCHED + 1 : key * FACTOR + (uint64_t)number;
    *ttl_s = origin.ttl_s;
    return !failed;
}

EXPLORE_QUIET static void note_capacity(size_t capacity) {
    seen.capacity = capacity;
    seen.now_s = 1000;
}

void open_cache(size_t capacity) {
    note_capacity(capacity);
    me = 0;
    explore_name_thread(reader_names[0]);
    cache = xfetch_new(capacity, 1, (struct xfetch_env){env_now, env_uniform, env_load, NULL});
    if (!cache) explore_fail("xfetch_new(%zu) answers NULL although nothing is lacking", capacity);
}

void close_cache(void) {
    xfetch_free(cache);
    cache = NULL; /* what is left behind is a leak */
}

EXPLORE_QUIET static void note_call(int thread, int key, double draw) {
    struct call *call = &seen.call[thread];
    *call = (struct call){
        .key = key, .draw = draw, .newest = NONE, .load = NONE, .begun_s = seen.now_s, .begun_at = seen.moment};
    for (int i = 0; i < seen.loads[key]; i++)
        if (explore_marks_before(key * LOADS_MAX + i)) call->newest = i;
}

/* Was there a failed load of this key whose outcome this call may share? */
EXPLORE_QUIET static bool failed_since(const struct call *call) {
    for (int i = 0; i < seen.loads[call->key]; i++) {
        const struct load *load = &seen.load[call->key][i];
        if (load->ended && load->failed && load->landed_at > call->begun_at) return true;
    }
    return false;
}

/* The newest failed load of which a get has told; NONE: there is none. */
EXPLORE_QUIET static int known_failure(int key) {
    for (int i = seen.loads[key] - 1; i >= 0; i--)
        if (seen.load[key][i].failed && seen.load[key][i].landed_at != NOT_YET) return i;
    return NONE;
}

/* The failed load whose outcome this call has shared; NONE: it may be one of several. */
EXPLORE_QUIET static int shared_failure(const struct call *call) {
    int shared = NONE;
    for (int i = 0; i < seen.loads[call->key]; i++) {
        const struct load *load = &seen.load[call->key][i];
        if (!load->ended || !load->failed || load->landed_at <= call->begun_at) continue;
        if (shared != NONE) return NONE;
        shared = i;
    }
    return shared;
}

/* From now on no get that is called may share the outcome of this load. */
EXPLORE_QUIET static void note_landing(int key, int number) {
    if (number != NONE && seen.load[key][number].landed_at == NOT_YET) seen.load[key][number].landed_at = seen.moment;
}

/* Live when the call began, or loaded since; or the outcome of a refresh that
 * failed, by a look at the clock when it still was live. */
EXPLORE_QUIET static bool may_be_fresh(const struct call *call, const struct load *value) {
    if (value->expiry_s > call->begun_s || value->landed_at > call->begun_at) return true;
    for (int i = 0; i < seen.loads[call->key]; i++) {
        const struct load *load = &seen.load[call->key][i];
        if (load->looked && load->failed && load->landed_at > call->begun_at && load->looked_s < value->expiry_s)
            return true;
    }
    return false;
}

EXPLORE_QUIET static void check_value(const struct call *call, enum xfetch_result result, int number) {
    const struct load *load = &seen.load[call->key][number];
    const char *name = result_names[result];
    if (result == XFETCH_FRESH && !may_be_fresh(call, load))
        explore_fail("get(%d), called at %g s, answers %s with the value of load %d, which expired at %g s", call->key,
                     call->begun_s, name, number + 1, load->expiry_s);
    if (result == XFETCH_STALE && load->expiry_s > seen.now_s)
        explore_fail("get(%d) answers %s with the value of load %d, which is live until %g s; it is %g s", call->key,
                     name, number + 1, load->expiry_s, seen.now_s);
    if (number < call->newest)
        explore_fail("get(%d) answers %s with the value of load %d, after that of load %d had been returned", call->key,
                     name, number + 1, call->newest + 1);
    explore_mark(call->key * LOADS_MAX + number);
}

EXPLORE_QUIET static void check_answer(int thread, enum xfetch_result result, uint64_t value) {
    const struct call *call = &seen.call[thread];
    if (result > XFETCH_FAILED) explore_fail("get(%d) answers %d, no enum xfetch_result", call->key, (int)result);
    if (result != XFETCH_FRESH && !failed_since(call)) {
        int known = known_failure(call->key);
        if (known != NONE)
            explore_fail("get(%d) answers %s, but before it was called, another get had already returned what "
                         "became of load %d, which failed; no load has failed since",
                         call->key, result_names[result], known + 1);
        explore_fail("get(%d) answers %s, and no load of it has failed since it was called", call->key,
                     result_names[result]);
    }
    if (result == XFETCH_FAILED && value != UNTOUCHED)
        explore_fail("get(%d) answers XFETCH_FAILED and overwrites *value", call->key);
    if (result == XFETCH_FAILED && has_room() && call->newest != NONE)
        explore_fail("get(%d) answers XFETCH_FAILED, after the value of load %d had been returned", call->key,
                     call->newest + 1);
    seen.moment++;
    note_landing(call->key, call->load);
    if (result != XFETCH_FRESH) note_landing(call->key, shared_failure(call));
    if (result == XFETCH_FAILED) return;
    long number = (long)(value - (uint64_t)call->key * FACTOR);
    bool known = number >= 0 && number < seen.loads[call->key] && seen.load[call->key][number].ended &&
                 !seen.load[call->key][number].failed;
    if (!known)
        explore_fail("get(%d) answers %s with a value that no load of it has brought", call->key, result_names[result]);
    check_value(call, result, (int)number);
    note_landing(call->key, (int)number);
}

enum xfetch_result get(int key, double draw) {
    uint64_t value = UNTOUCHED;
    note_call(me, key, draw);
    enum xfetch_result result = xfetch_get(cache, (uint64_t)key, &value);
    check_answer(me, result, value);
    return result;
}

static void *read_on(void *argument) {
    struct reader *reader = argument;
    me = reader->number;
    explore_name_thread(reader_names[me]);
    for (int i = 0; i < reader->gets; i++) {
        reader->answer = get(reader->key, reader->draw);
        if (reader->served) reader->served();
    }
    return NULL;
}

void start_reader(struct reader *reader) {
    pthread_create(&reader->thread, NULL, read_on, reader);
}

void join_reader(struct reader *reader) {
    pthread_join(reader->thread, NULL);
}

void read_beside(struct reader *reader, const char *failure) {
    start_reader(reader);
    explore_wait_for(failure);
    join_reader(reader);
    explore_wait_for(NULL);
}
