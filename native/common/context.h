/* SPDX-License-Identifier: MIT
 *
 * context.h -- switching stacks. The only code that knows the processor. */
#ifndef CONTEXT_H
#define CONTEXT_H

/* Saves the callee-saved registers on the current stack and its pointer in *from, then continues
 * where `to` was saved. Floating-point control words are not switched: nobody here changes them. */
void context_switch(void **from, void *to);

/* A context that will call `entry` on the stack ending at `stack_top`. `entry` must not return. */
void *context_new(char *stack_top, void (*entry)(void));

#endif
