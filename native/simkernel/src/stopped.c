/* SPDX-License-Identifier: MIT */
/* stopped.c -- up the stack, to the first function that lies between the learner's two marks. */
#include "stopped.h"

#include <unwind.h>

#include "calls.h"

void statics_code_first(void);
void statics_code_last(void);

static _Unwind_Reason_Code look_at(struct _Unwind_Context *context, void *found) {
    int exact = 0; /* else a return address */
    uintptr_t at = _Unwind_GetIPInfo(context, &exact);
    if (at <= (uintptr_t)statics_code_first || at >= (uintptr_t)statics_code_last) return _URC_NO_REASON;
    *(uint32_t *)found = caller_of((const void *)at) + (exact ? 1 : 0);
    return _URC_END_OF_STACK;
}

uint32_t stopped_at(void) {
    uint32_t found = 0;
    _Unwind_Backtrace(look_at, &found);
    return found;
}
