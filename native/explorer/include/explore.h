/* SPDX-License-Identifier: MIT
 *
 * explore.h -- what a driver author writes against.
 *
 * A driver is an ordinary C file: it starts threads with pthread_create, calls the code under
 * test and says what must hold. The explorer runs each of its scenarios many thousand times, every
 * time under another schedule. Driver and subject are compiled with -fsanitize=thread into one
 * shared object; see README.md for the flags.
 *
 * Nothing in a scenario may depend on chance, except what these calls and the modelled library calls return:
 * that is what makes a seed a replay. Static variables have their initial value at the start of
 * every execution. */
#ifndef EXPLORE_H
#define EXPLORE_H

#include <stdbool.h>
#include <stddef.h>

struct explore_scenario {
    const char *name;
    void (*run)(void); /* one whole life of the subject: new, threads, joins, checks, free */
};

/* Defined by the driver; ends with an entry whose name is NULL. The first one is the default. */
extern const struct explore_scenario explore_scenarios[];

/* For driver bookkeeping shared between threads. What a quiet function touches is no scheduling
 * point, no data race, and orders nothing, so it cannot hide a bug of the subject; the exhaustive
 * search does tell which of two threads came first there. It must call nothing but this header. */
#define EXPLORE_QUIET __attribute__((section("explore_quiet"), noinline))

/* A property does not hold: ends this execution. State the values seen and the value expected. */
void explore_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A number in [0, options), from the seed. Let 0 be the simplest case: traces shrink towards it. */
unsigned explore_choose(unsigned options);

/* What follows is of interest only if this holds. An execution in which it does not is dropped here: it is counted, and
 * is neither a failure nor a pass. A scenario whose executions are all dropped has shown nothing. */
void explore_assume(bool condition);

/* What traces call the running thread, besides its number. The text must outlive the execution. */
void explore_name_thread(const char *name);

/* This thread only polls: let the others run first. */
void explore_yield(void);

/* Until the call with NULL, this thread waits for something that the subject has to do on other
 * threads. If no thread can run meanwhile, or none comes to its end, `failure` is told: a sentence
 * that says what does not happen. The text must outlive the execution. */
void explore_wait_for(const char *failure);

/* Between these two calls a thread claims to be lock-free: it never waits for a lock, and running
 * while another thread is parked anywhere, it or another finishes within a bounded number of
 * steps. The explorer parks threads to try it. Not nested. */
void explore_lock_free_begin(const char *operation);
void explore_lock_free_end(void);

/* Lets malloc and its kin (or thread creation) fail from here on, at places the seed selects, at
 * most `times` times in this execution. Off at the start of each scenario. */
void explore_fail_malloc(unsigned times);
void explore_fail_threads(unsigned times);

/* From here on no condition wait and no futex_wait ends for no reason or by a signal handler, in this execution: for
 * counts that must be exact. */
void explore_no_interruptions(void);

/* Goes on when every other thread waits for something, sleeps or has ended; with `yields` other than 0, also when those
 * that go on have called sched_yield so many times meanwhile. A thread that spins without end in place of waiting is a
 * livelock then: say with explore_wait_for what it has to wait for. */
void explore_wait_idle(unsigned yields);

/* The running thread's calls of futex_wait and futex_wake so far in this execution. */
struct explore_futex_calls {
    unsigned waits, wakes;
};
struct explore_futex_calls explore_futex_calls(void);

/* Sets the time of day forward by so many seconds, or back: the monotonic clock goes on as it did.
 * A wait that has begun keeps its end; what was read from the clock before is old from here on. */
void explore_step_realtime(long seconds);

/* Marks a moment of this thread under `key`, and counts the marks of all threads under that key
 * that happen before now. For "this push had returned before that pop was called". */
void explore_mark(int key);
int explore_marks_before(int key);

/* History of operations for explore_check_linearizable. explore_call returns the handle for
 * explore_return. Neither orders anything. At most 24 operations in one execution. */
struct explore_operation {
    const char *name;
    long argument[2];
    long result;
    int thread;
};
int explore_call(const char *name, long first_argument, long second_argument);
void explore_return(int call, long result);

/* What reports say of an operation that has returned, in the words of its contract: "put(2, 90): key 1 leaves".
 * Without this: "put(2, 90) = 1". */
void explore_say(int call, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Fails unless some order of the recorded operations explains every result. The order must agree
 * with happens-before; clock time alone orders nothing, since C11 does not either. `step` applies
 * one operation to a copy of the model's state and answers whether its result fits. State is
 * compared byte for byte: keep padding zero. */
void explore_check_linearizable(const char *model_name, const void *initial_state, size_t state_size_bytes,
                                bool (*step)(void *state, const struct explore_operation *));

/* Counts an outcome over all executions; the counts are part of the result. For litmus tests. */
void explore_outcome(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
