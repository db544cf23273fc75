/* SPDX-License-Identifier: MIT
 *
 * routine.c -- begin and end of a thread. */
#include "routine.h"

#include "footprint.h"
#include "keys.h"
#include "schedule.h"
#include "thread.h"
#include "trace.h"
#include "world.h"

#include <errno.h>

void routine_run(void) {
    errno = 0;
    routine_end(running->start(running->argument));
}

void routine_end(void *result) {
    keys_destroy_values();
    thread_tick();
    trace_step("ends", running->pc, "");
    running->result = result;
    running->doing = "end";
    running->state = THREAD_FINISHED;
    running->frame = STACK_BASE(running->id + 1);
    touch(TOUCHED_THREAD + (uintptr_t)running->id, 1, WRITES);
    schedule_after_finish();
    __builtin_unreachable();
}
