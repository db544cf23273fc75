/* SPDX-License-Identifier: MIT */
/* peer: oneTBB task_group in an arena (no bound, no order)
 * package: libtbb-dev
 * metrics: submitters_1 submitters_4
 * libraries: -ltbb -lstdc++ */
extern "C" {
#include "thread_pool.h"
}

#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_group.h>

/* No slot is reserved for the submitters: all workers are the library's. */
struct thread_pool {
    explicit thread_pool(int workers) : arena(workers, 0) {
    }
    tbb::task_arena arena;
    tbb::task_group group;
};

extern "C" thread_pool *pool_new(size_t workers, size_t) {
    return new thread_pool((int)workers);
}

extern "C" pool_status pool_submit(thread_pool *p, pool_job job, void *arg) {
    p->arena.enqueue(p->group.defer([job, arg] { job(arg); }));
    return POOL_OK;
}

extern "C" size_t pool_shutdown(thread_pool *p, pool_stop) {
    p->arena.execute([p] { p->group.wait(); });
    return 0;
}

extern "C" void pool_free(thread_pool *p) {
    delete p;
}
