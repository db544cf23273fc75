/* SPDX-License-Identifier: MIT */
/* green.c -- green threads on workers: one queue of those that can run, one
 * interest list for those that wait for descriptors.
 *
 * A green thread that waits goes to its worker's own stack first, and what
 * makes it known to others happens there (`after`): nobody can take a stack
 * that is still in use, and no lock is held over a switch. Much may have
 * changed on that way, so `after` looks again. One lock guards everything but
 * the channels, which have their own.
 *
 * Without anything to run, one worker waits in epoll_wait, until the next
 * sleep is over; all others wait for `more`. When that one leaves with work,
 * it wakes another one, which takes its place. */
#include "green.h"
#include "switch_notes.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { STACK = 64 << 10, GUARD = 4096, WORKERS_MAX = 64, BUCKETS = 4096, EVENTS = 64, LOOK_EVERY = 64 };
#define NS_PER_S UINT64_C(1000000000)
#define NS_PER_MS UINT64_C(1000000)
#define NEVER UINT64_MAX

struct green {
    void *sp;
    struct switch_note note;
    struct green *next; /* in a queue, or of the sleepers: the next child of the same parent */
    struct green *child;
    struct green *older, *newer; /* of all that have not been joined */
    struct green *joiner;
    void (*run)(void *);
    void *arg;
    char *stack;
    uint64_t wake_ns;
    bool ended;
};

struct worker {
    void *sp;
    struct switch_note note;
    struct green *current;
    void (*after)(void *); /* when `current` has left its stack */
    void *after_arg;
    pthread_t thread;
};

/* A thread that waits for a descriptor; lies on its stack. */
struct fd_wait {
    int fd, problem;
    uint32_t events;
    struct green *green;
    struct fd_wait *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER;
static struct {
    struct green *first, *last; /* can run */
    struct green *sleepers;     /* a pairing heap by wake_ns */
    struct green *newest;
    void *stacks; /* free ones: each holds the next one's address at its top */
    size_t live, idle, turns;
    bool over, polling, poked;
    uint64_t poll_until_ns; /* of the worker that polls */
    int list, counter;
    struct fd_wait *waits[BUCKETS];
} s;

static _Thread_local struct worker *worker_of_this_thread;

/* Never inlined: a compiler may keep the address of a thread-local variable, and behind a switch it would be that of
 * another thread's. */
static __attribute__((noinline)) struct worker *this_worker(void) {
    struct worker *w = worker_of_this_thread;
    __asm__ volatile("" ::: "memory");
    return w;
}

/* Saves what a call has to keep on this stack and its address in *from, goes on where `to` was saved. */
void green_switch(void **from, void *to);
#if defined(__x86_64__)
__asm__(".text\n"
        ".globl green_switch\n"
        ".type green_switch, @function\n"
        "green_switch:\n"
        "  push %rbp\n  push %rbx\n  push %r12\n  push %r13\n  push %r14\n  push %r15\n"
        "  sub $8, %rsp\n  stmxcsr (%rsp)\n  fnstcw 4(%rsp)\n"
        "  mov %rsp, (%rdi)\n"
        "  mov %rsi, %rsp\n"
        "  ldmxcsr (%rsp)\n  fldcw 4(%rsp)\n  add $8, %rsp\n"
        "  pop %r15\n  pop %r14\n  pop %r13\n  pop %r12\n  pop %rbx\n  pop %rbp\n"
        "  ret\n"
        ".size green_switch, . - green_switch\n");

/* As if green_switch had been called at the entry of `entry`: control words, six registers, the place to return to. */
static void *first_frame(char *top, void (*entry)(void)) {
    uint64_t *sp = (uint64_t *)top - 9; /* entry begins 8 below a multiple of 16, as after a call */
    memset(sp, 0, 9 * sizeof *sp);
    sp[0] = UINT64_C(0x37f) << 32 | 0x1f80;
    sp[7] = (uint64_t)(uintptr_t)entry;
    return sp;
}
#elif defined(__aarch64__)
__asm__(".text\n"
        ".globl green_switch\n"
        ".type green_switch, %function\n"
        "green_switch:\n"
        "  sub sp, sp, #176\n"
        "  stp x19, x20, [sp, #0]\n  stp x21, x22, [sp, #16]\n  stp x23, x24, [sp, #32]\n"
        "  stp x25, x26, [sp, #48]\n  stp x27, x28, [sp, #64]\n  stp x29, x30, [sp, #80]\n"
        "  stp d8, d9, [sp, #96]\n  stp d10, d11, [sp, #112]\n"
        "  stp d12, d13, [sp, #128]\n  stp d14, d15, [sp, #144]\n"
        "  mrs x9, fpcr\n  str x9, [sp, #160]\n"
        "  mov x9, sp\n  str x9, [x0]\n"
        "  mov sp, x1\n"
        "  ldr x9, [sp, #160]\n  msr fpcr, x9\n"
        "  ldp x19, x20, [sp, #0]\n  ldp x21, x22, [sp, #16]\n  ldp x23, x24, [sp, #32]\n"
        "  ldp x25, x26, [sp, #48]\n  ldp x27, x28, [sp, #64]\n  ldp x29, x30, [sp, #80]\n"
        "  ldp d8, d9, [sp, #96]\n  ldp d10, d11, [sp, #112]\n"
        "  ldp d12, d13, [sp, #128]\n  ldp d14, d15, [sp, #144]\n"
        "  add sp, sp, #176\n"
        "  ret\n"
        ".size green_switch, . - green_switch\n");

/* As if green_switch had been called at the entry of `entry`, which is what x30 leads to. */
static void *first_frame(char *top, void (*entry)(void)) {
    uint64_t *sp = (uint64_t *)top - 22;
    memset(sp, 0, 22 * sizeof *sp);
    sp[11] = (uint64_t)(uintptr_t)entry;
    return sp;
}
#else
#error "green.c: add the switch of this processor"
#endif

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* The worker that polls has to look again. */
static void poke_locked(void) {
    uint64_t one = 1;
    if (!s.polling || s.poked) return;
    s.poked = true;
    (void)!write(s.counter, &one, sizeof one); /* fails only when it is not 0 already */
}

static void wake_worker_locked(void) {
    if (s.idle)
        pthread_cond_signal(&more);
    else
        poke_locked();
}

static void push_locked(struct green *g) {
    g->next = NULL;
    if (s.first)
        s.last->next = g;
    else
        s.first = g;
    s.last = g;
    wake_worker_locked();
}

static void push(void *g) {
    pthread_mutex_lock(&lock);
    push_locked(g);
    pthread_mutex_unlock(&lock);
}

/* Leaves the running thread's stack for its worker's. after(arg) is called there, and may hand the thread on. */
static void leave(void (*after)(void *), void *arg) {
    struct worker *w = this_worker();
    struct green *g = w->current;
    w->after = after;
    w->after_arg = arg;
    note_leave(&g->note, &w->note, false);
    green_switch(&g->sp, w->sp);
    note_arrive(&g->note);
}

/* Gives the running thread up and calls after(it) on the worker's stack. */
static void leave_to(void (*after)(void *)) {
    leave(after, this_worker()->current);
}

/* --- sleepers: a pairing heap (Fredman and others, 1986) --- */

static struct green *meld(struct green *a, struct green *b) {
    if (!a || !b) return a ? a : b;
    struct green *parent = a->wake_ns <= b->wake_ns ? a : b, *child = parent == a ? b : a;
    child->next = parent->child;
    parent->child = child;
    return parent;
}

static struct green *without_first(struct green *heap) {
    struct green *pairs = NULL, *rest = heap->child;
    while (rest) {
        struct green *a = rest, *b = a->next;
        rest = b ? b->next : NULL;
        a->next = NULL;
        if (b) b->next = NULL;
        struct green *pair = meld(a, b);
        pair->next = pairs;
        pairs = pair;
    }
    while (pairs) {
        struct green *pair = pairs;
        pairs = pair->next;
        pair->next = NULL;
        rest = meld(rest, pair);
    }
    return rest;
}

static void fall_asleep(void *thread) {
    struct green *g = thread;
    pthread_mutex_lock(&lock);
    g->next = g->child = NULL;
    s.sleepers = meld(s.sleepers, g);
    if (g->wake_ns < s.poll_until_ns) poke_locked();
    pthread_mutex_unlock(&lock);
}

void green_sleep(uint64_t ns) {
    uint64_t now = now_ns();
    if (ns == 0) return green_yield();
    this_worker()->current->wake_ns = ns < NEVER - now ? now + ns : NEVER;
    leave_to(fall_asleep);
}

static void wake_sleepers_locked(void) {
    if (!s.sleepers || s.sleepers->wake_ns == NEVER) return;
    uint64_t now = now_ns();
    while (s.sleepers && s.sleepers->wake_ns <= now) {
        struct green *g = s.sleepers;
        s.sleepers = without_first(g);
        push_locked(g);
    }
}

/* --- descriptors --- */

static struct fd_wait **bucket_of(int fd) {
    return &s.waits[(unsigned)fd % BUCKETS];
}

/* Interest in what is waited for now, told once. 0 or -errno. */
static int arm_locked(int fd) {
    struct epoll_event event = {.events = EPOLLONESHOT, .data.fd = fd};
    for (struct fd_wait *w = *bucket_of(fd); w; w = w->next)
        if (w->fd == fd) event.events |= w->events;
    if (event.events == EPOLLONESHOT) return 0;
    if (epoll_ctl(s.list, EPOLL_CTL_MOD, fd, &event) == 0) return 0;
    /* It is new, or its number is: the kernel forgets a descriptor that is closed. */
    return errno == ENOENT && epoll_ctl(s.list, EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : -errno;
}

static void begin_wait(void *fd_wait) {
    struct fd_wait *wait = fd_wait, **bucket = bucket_of(wait->fd);
    pthread_mutex_lock(&lock);
    wait->next = *bucket;
    *bucket = wait;
    wait->problem = arm_locked(wait->fd);
    if (wait->problem) {
        *bucket = wait->next;
        push_locked(wait->green);
    }
    pthread_mutex_unlock(&lock);
}

/* -EINTR when it is worth another try; another -errno: nobody can wait for this one. */
static int wait_and_retry(int fd, uint32_t events) {
    struct fd_wait wait = {fd, 0, events, this_worker()->current, NULL};
    leave(begin_wait, &wait);
    return wait.problem ? wait.problem : -EINTR;
}

static void tell_locked(int fd, uint32_t events) {
    if (events & (EPOLLERR | EPOLLHUP)) events |= EPOLLIN | EPOLLOUT;
    for (struct fd_wait **at = bucket_of(fd); *at;) {
        struct fd_wait *w = *at;
        if (w->fd != fd || !(w->events & events)) {
            at = &w->next;
            continue;
        }
        *at = w->next;
        push_locked(w->green);
    }
    (void)arm_locked(fd); /* for the other direction; it has been armed before */
}

/* Takes what has happened; waits for it at most until the next sleep is over, if `wait`. Called and left with the lock.
 */
static void look_locked(bool wait) {
    struct epoll_event events[EVENTS];
    int timeout_ms = wait ? -1 : 0;
    s.poll_until_ns = s.sleepers ? s.sleepers->wake_ns : NEVER;
    if (wait && s.poll_until_ns != NEVER) {
        uint64_t now = now_ns(), left = s.poll_until_ns > now ? s.poll_until_ns - now : 0;
        timeout_ms = left / NS_PER_MS < 1000000 ? (int)((left + NS_PER_MS - 1) / NS_PER_MS) : 1000000;
    }
    s.polling = wait;
    pthread_mutex_unlock(&lock);
    int n = epoll_wait(s.list, events, EVENTS, timeout_ms);
    pthread_mutex_lock(&lock);
    if (wait) s.polling = false;
    for (int i = 0; i < n; i++) {
        uint64_t count;
        if (events[i].data.fd != s.counter) {
            tell_locked(events[i].data.fd, events[i].events);
        } else if (wait) {
            (void)!read(s.counter, &count, sizeof count);
            s.poked = false;
        }
    }
    wake_sleepers_locked();
}

/* Each in a function of its own, without a switch: the compiler may keep the address of errno. */
static __attribute__((noinline)) ssize_t try_read(int fd, void *into, size_t size) {
    ssize_t n = recv(fd, into, size, MSG_DONTWAIT);
    return n < 0 ? -errno : n;
}

static __attribute__((noinline)) ssize_t try_write(int fd, const void *from, size_t size) {
    ssize_t n = send(fd, from, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    return n < 0 ? -errno : n;
}

static __attribute__((noinline)) int try_accept(int fd) {
    int n = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    return n < 0 ? -errno : n;
}

ssize_t green_read(int fd, void *into, size_t size) {
    for (;;) {
        ssize_t n = try_read(fd, into, size);
        if (n == -EAGAIN) n = wait_and_retry(fd, EPOLLIN | EPOLLRDHUP);
        if (n != -EINTR) return n;
    }
}

ssize_t green_write(int fd, const void *from, size_t size) {
    for (;;) {
        ssize_t n = try_write(fd, from, size);
        if (n == -EAGAIN) n = wait_and_retry(fd, EPOLLOUT);
        if (n != -EINTR) return n;
    }
}

int green_accept(int fd) {
    for (;;) {
        int n = try_accept(fd);
        if (n == -EAGAIN) n = wait_and_retry(fd, EPOLLIN);
        if (n != -EINTR) return n;
    }
}

/* --- threads --- */

static void end(void *thread) {
    struct green *g = thread;
    note_free(&g->note);
    pthread_mutex_lock(&lock);
    *(void **)(g->stack + GUARD + STACK - sizeof(void *)) = s.stacks;
    s.stacks = g->stack;
    g->stack = NULL;
    g->ended = true;
    if (g->joiner) push_locked(g->joiner);
    if (--s.live == 0) {
        s.over = true;
        pthread_cond_broadcast(&more);
        poke_locked();
    }
    pthread_mutex_unlock(&lock);
}

static void begin(void) {
    struct green *g = this_worker()->current;
    note_arrive(&g->note);
    g->run(g->arg);
    g = this_worker()->current;
    struct worker *w = this_worker();
    w->after = end;
    w->after_arg = g;
    note_leave(&g->note, &w->note, true);
    green_switch(&g->sp, w->sp);
    abort(); /* nobody comes back here */
}

static char *take_stack(void) {
    pthread_mutex_lock(&lock);
    char *stack = s.stacks;
    if (stack) s.stacks = *(void **)(stack + GUARD + STACK - sizeof(void *));
    pthread_mutex_unlock(&lock);
    if (stack) return stack;
    stack = mmap(NULL, GUARD + STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (stack == MAP_FAILED) return NULL;
    if (mprotect(stack, GUARD, PROT_NONE) == 0) return stack;
    munmap(stack, GUARD + STACK); /* there are too many mappings for another guard */
    return NULL;
}

static struct green *new_thread(void (*run)(void *), void *arg) {
    struct green *g = calloc(1, sizeof *g);
    char *stack = g ? take_stack() : NULL;
    if (!stack) {
        free(g);
        return NULL;
    }
    g->run = run;
    g->arg = arg;
    g->stack = stack;
    g->sp = first_frame(stack + GUARD + STACK, begin);
    note_stack(&g->note, stack + GUARD, STACK);
    pthread_mutex_lock(&lock);
    g->older = s.newest;
    if (s.newest) s.newest->newer = g;
    s.newest = g;
    s.live++;
    pthread_mutex_unlock(&lock);
    return g;
}

struct green *green_go(void (*run)(void *), void *arg) {
    struct green *g = new_thread(run, arg);
    if (g) push(g);
    return g;
}

struct join {
    struct green *joiner, *joined;
};

static void begin_join(void *join) {
    struct join *j = join;
    pthread_mutex_lock(&lock);
    if (j->joined->ended)
        push_locked(j->joiner);
    else
        j->joined->joiner = j->joiner;
    pthread_mutex_unlock(&lock);
}

void green_join(struct green *g) {
    pthread_mutex_lock(&lock);
    if (g->newer)
        g->newer->older = g->older;
    else
        s.newest = g->older;
    if (g->older) g->older->newer = g->newer;
    bool ended = g->ended;
    pthread_mutex_unlock(&lock);
    struct join join = {this_worker()->current, g};
    if (!ended) leave(begin_join, &join);
    free(g);
}

void green_yield(void) {
    leave_to(push);
}

/* --- workers --- */

/* The next one to run; waits for it. NULL: all have ended. */
static struct green *next_green(void) {
    pthread_mutex_lock(&lock);
    if (++s.turns % LOOK_EVERY == 0 && !s.polling) look_locked(false);
    while (!s.first && !s.over) {
        if (!s.polling) {
            look_locked(true);
            continue;
        }
        s.idle++;
        pthread_cond_wait(&more, &lock);
        s.idle--;
    }
    struct green *g = s.first;
    if (g) s.first = g->next;
    /* Somebody has to take the next one, or to look for events: a wakeup may have met one who was awake already. */
    if (s.first || (s.idle && !s.polling)) wake_worker_locked();
    pthread_mutex_unlock(&lock);
    return g;
}

static void *work(void *worker) {
    struct worker *w = worker;
    worker_of_this_thread = w;
    note_thread(&w->note);
    for (struct green *g; (g = next_green());) {
        w->current = g;
        note_leave(&w->note, &g->note, false);
        green_switch(&w->sp, g->sp);
        note_arrive(&w->note);
        w->after(w->after_arg);
    }
    worker_of_this_thread = NULL;
    return NULL;
}

static void give_all_back(void) {
    for (struct green *g = s.newest, *older; g; g = older) {
        older = g->older;
        if (g->stack) note_free(&g->note); /* it has never begun */
        if (g->stack) munmap(g->stack, GUARD + STACK);
        free(g);
    }
    for (void *stack = s.stacks, *next; stack; stack = next) {
        next = *(void **)((char *)stack + GUARD + STACK - sizeof(void *));
        munmap(stack, GUARD + STACK);
    }
    if (s.list >= 0) close(s.list);
    if (s.counter >= 0) close(s.counter);
    memset(&s, 0, sizeof s);
}

static int open_list(void) {
    s.counter = -1;
    s.list = epoll_create1(EPOLL_CLOEXEC);
    if (s.list < 0) return -errno;
    s.counter = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (s.counter < 0) return -errno;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = s.counter};
    return epoll_ctl(s.list, EPOLL_CTL_ADD, s.counter, &event) ? -errno : 0;
}

static void stop(void) {
    pthread_mutex_lock(&lock);
    s.over = true;
    pthread_cond_broadcast(&more);
    poke_locked();
    pthread_mutex_unlock(&lock);
}

int green_run(size_t workers, void (*first)(void *), void *arg) {
    struct worker all[WORKERS_MAX];
    if (workers == 0 || workers > WORKERS_MAX) return -EINVAL;
    memset(all, 0, sizeof all);
    int problem = open_list();
    struct green *g = problem ? NULL : new_thread(first, arg);
    if (!problem && !g) problem = -ENOMEM;
    size_t started = 1;
    for (; !problem && started < workers; started++) {
        problem = -pthread_create(&all[started].thread, NULL, work, &all[started]);
        if (problem) break;
    }
    if (problem) {
        stop();
    } else {
        push(g);
        work(&all[0]);
    }
    while (--started > 0) pthread_join(all[started].thread, NULL);
    give_all_back();
    return problem;
}

/* --- channels --- */

/* A call; while it waits, in the line of its channel. */
struct chan_call {
    struct chan *c;
    struct green *green;
    struct chan_call *next;
    uint64_t number;
    bool sends, answer;
};

struct chan {
    pthread_mutex_t lock;
    size_t capacity, oldest, count;
    bool closed;
    struct chan_call *first, *last; /* receivers while it is empty, senders while it is full */
    uint64_t numbers[];
};

struct chan *chan_new(size_t capacity) {
    if (capacity == 0 || capacity > (SIZE_MAX / 2 - sizeof(struct chan)) / sizeof(uint64_t)) return NULL;
    struct chan *c = malloc(sizeof *c + capacity * sizeof(uint64_t));
    if (!c) return NULL;
    memset(c, 0, sizeof *c);
    pthread_mutex_init(&c->lock, NULL);
    c->capacity = capacity;
    return c;
}

static void append(struct chan *c, uint64_t number) {
    c->numbers[(c->oldest + c->count++) % c->capacity] = number;
}

static struct green *serve_first(struct chan *c) {
    struct chan_call *call = c->first;
    c->first = call->next;
    call->answer = true;
    return call->green;
}

/* Both: false if the call has to wait. *served can run again. */
static bool send_locked(struct chan_call *call, struct green **served) {
    struct chan *c = call->c;
    call->answer = !c->closed;
    if (c->closed) return true;
    if (c->count == c->capacity) return false;
    if (c->first) {
        c->first->number = call->number;
        *served = serve_first(c);
    } else {
        append(c, call->number);
    }
    return true;
}

static bool receive_locked(struct chan_call *call, struct green **served) {
    struct chan *c = call->c;
    call->answer = c->count > 0;
    if (c->count == 0) return c->closed;
    call->number = c->numbers[c->oldest];
    c->oldest = (c->oldest + 1) % c->capacity;
    c->count--;
    if (c->first) {
        append(c, c->first->number);
        *served = serve_first(c);
    }
    return true;
}

static bool attempt(struct chan_call *call, bool waits) {
    struct chan *c = call->c;
    struct green *served = NULL;
    pthread_mutex_lock(&c->lock);
    bool done = call->sends ? send_locked(call, &served) : receive_locked(call, &served);
    if (!done && waits) {
        call->answer = false;
        if (c->first)
            c->last->next = call;
        else
            c->first = call;
        c->last = call;
    }
    pthread_mutex_unlock(&c->lock); /* behind it a call that waits may be over */
    if (served) push(served);
    return done;
}

static void stand_in_line(void *chan_call) {
    struct chan_call *call = chan_call;
    if (attempt(call, true)) push(call->green);
}

bool chan_send(struct chan *c, uint64_t number) {
    struct chan_call call = {c, this_worker()->current, NULL, number, true, false};
    if (!attempt(&call, false)) leave(stand_in_line, &call);
    return call.answer;
}

bool chan_receive(struct chan *c, uint64_t *number) {
    struct chan_call call = {c, this_worker()->current, NULL, 0, false, false};
    if (!attempt(&call, false)) leave(stand_in_line, &call);
    if (call.answer) *number = call.number;
    return call.answer;
}

void chan_close(struct chan *c) {
    pthread_mutex_lock(&c->lock);
    struct chan_call *call = c->first;
    c->closed = true;
    c->first = NULL;
    pthread_mutex_unlock(&c->lock);
    while (call) {
        struct chan_call *next = call->next; /* it is over as soon as its thread runs */
        push(call->green);
        call = next;
    }
}

void chan_free(struct chan *c) {
    if (!c) return;
    pthread_mutex_destroy(&c->lock);
    free(c);
}
