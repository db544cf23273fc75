/* SPDX-License-Identifier: MIT */
/* peer: Boost.Fiber, its fiber and condition_variable
 * package: libboost-fiber-dev
 * libraries: -lboost_fiber -lboost_context -lstdc++
 * metrics: to_and_fro yields starts
 *
 * One kernel thread runs all of them. */
#include <boost/fiber/all.hpp>
#include <mutex>
#include <vector>

extern "C" {
#include "green.h"

using boost::fibers::fiber;

struct green *green_go(void (*run)(void *), void *arg) {
    return reinterpret_cast<green *>(new fiber(boost::fibers::launch::post, run, arg));
}

void green_join(struct green *thread) {
    fiber *f = reinterpret_cast<fiber *>(thread);
    f->join();
    delete f;
}

void green_yield(void) {
    boost::this_fiber::yield();
}

int green_run(size_t, void (*first)(void *), void *arg) {
    green_join(green_go(first, arg));
    return 0;
}

struct chan {
    std::vector<uint64_t> numbers;
    size_t oldest = 0, count = 0;
    bool closed = false;
    boost::fibers::mutex lock;
    boost::fibers::condition_variable changed;
};

struct chan *chan_new(size_t capacity) {
    chan *c = new chan;
    c->numbers.resize(capacity);
    return c;
}

bool chan_send(struct chan *c, uint64_t number) {
    std::unique_lock<boost::fibers::mutex> held(c->lock);
    c->changed.wait(held, [c] { return c->closed || c->count < c->numbers.size(); });
    if (c->closed) return false;
    c->numbers[(c->oldest + c->count++) % c->numbers.size()] = number;
    c->changed.notify_all();
    return true;
}

bool chan_receive(struct chan *c, uint64_t *number) {
    std::unique_lock<boost::fibers::mutex> held(c->lock);
    c->changed.wait(held, [c] { return c->closed || c->count > 0; });
    if (c->count == 0) return false;
    *number = c->numbers[c->oldest];
    c->oldest = (c->oldest + 1) % c->numbers.size();
    c->count--;
    c->changed.notify_all();
    return true;
}

void chan_close(struct chan *c) {
    c->closed = true;
    c->changed.notify_all();
}

void chan_free(struct chan *c) {
    delete c;
}
}
