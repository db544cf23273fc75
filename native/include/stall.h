/* SPDX-License-Identifier: MIT */
/* stall.h -- stalls before atomic operations, and steps counted.
 *
 * The `stress` build includes this header before the learner's file, so that
 * every atomic operation is preceded by stall_point(): by default nothing, a
 * yield or a short delay, drawn from the thread's seed. Windows of a few
 * nanoseconds become wide enough to fall into. gcc and clang implement
 * <stdatomic.h> with the builtins below; a macro's own name inside its body is
 * not expanded again (C11 6.10.3.4), so each wraps itself.
 *
 * The same build calls a hook per basic block; stall.c counts those steps. */
#ifndef C10KATA_STALL_H
#define C10KATA_STALL_H

void stall_point(void);

/* clang-format off */
#define __atomic_load(...)                 (stall_point(), __atomic_load(__VA_ARGS__))
#define __atomic_load_n(...)               (stall_point(), __atomic_load_n(__VA_ARGS__))
#define __atomic_store(...)                (stall_point(), __atomic_store(__VA_ARGS__))
#define __atomic_store_n(...)              (stall_point(), __atomic_store_n(__VA_ARGS__))
#define __atomic_exchange(...)             (stall_point(), __atomic_exchange(__VA_ARGS__))
#define __atomic_exchange_n(...)           (stall_point(), __atomic_exchange_n(__VA_ARGS__))
#define __atomic_compare_exchange(...)     (stall_point(), __atomic_compare_exchange(__VA_ARGS__))
#define __atomic_compare_exchange_n(...)   (stall_point(), __atomic_compare_exchange_n(__VA_ARGS__))
#define __atomic_fetch_add(...)            (stall_point(), __atomic_fetch_add(__VA_ARGS__))
#define __atomic_fetch_sub(...)            (stall_point(), __atomic_fetch_sub(__VA_ARGS__))
#define __atomic_fetch_and(...)            (stall_point(), __atomic_fetch_and(__VA_ARGS__))
#define __atomic_fetch_or(...)             (stall_point(), __atomic_fetch_or(__VA_ARGS__))
#define __atomic_fetch_xor(...)            (stall_point(), __atomic_fetch_xor(__VA_ARGS__))
#define __atomic_add_fetch(...)            (stall_point(), __atomic_add_fetch(__VA_ARGS__))
#define __atomic_sub_fetch(...)            (stall_point(), __atomic_sub_fetch(__VA_ARGS__))
#define __atomic_and_fetch(...)            (stall_point(), __atomic_and_fetch(__VA_ARGS__))
#define __atomic_or_fetch(...)             (stall_point(), __atomic_or_fetch(__VA_ARGS__))
#define __atomic_xor_fetch(...)            (stall_point(), __atomic_xor_fetch(__VA_ARGS__))
#define __atomic_test_and_set(...)         (stall_point(), __atomic_test_and_set(__VA_ARGS__))
#define __atomic_clear(...)                (stall_point(), __atomic_clear(__VA_ARGS__))
#define __atomic_thread_fence(...)         (stall_point(), __atomic_thread_fence(__VA_ARGS__))
#define __sync_fetch_and_add(...)          (stall_point(), __sync_fetch_and_add(__VA_ARGS__))
#define __sync_fetch_and_sub(...)          (stall_point(), __sync_fetch_and_sub(__VA_ARGS__))
#define __sync_bool_compare_and_swap(...)  (stall_point(), __sync_bool_compare_and_swap(__VA_ARGS__))
#define __sync_val_compare_and_swap(...)   (stall_point(), __sync_val_compare_and_swap(__VA_ARGS__))
#define __sync_lock_test_and_set(...)      (stall_point(), __sync_lock_test_and_set(__VA_ARGS__))
#define __sync_lock_release(...)           (stall_point(), __sync_lock_release(__VA_ARGS__))
#define __sync_synchronize()               (stall_point(), __sync_synchronize())
#ifdef __clang__
#define __c11_atomic_load(...)                    (stall_point(), __c11_atomic_load(__VA_ARGS__))
#define __c11_atomic_store(...)                   (stall_point(), __c11_atomic_store(__VA_ARGS__))
#define __c11_atomic_exchange(...)                (stall_point(), __c11_atomic_exchange(__VA_ARGS__))
#define __c11_atomic_compare_exchange_strong(...) (stall_point(), __c11_atomic_compare_exchange_strong(__VA_ARGS__))
#define __c11_atomic_compare_exchange_weak(...)   (stall_point(), __c11_atomic_compare_exchange_weak(__VA_ARGS__))
#define __c11_atomic_fetch_add(...)               (stall_point(), __c11_atomic_fetch_add(__VA_ARGS__))
#define __c11_atomic_fetch_sub(...)               (stall_point(), __c11_atomic_fetch_sub(__VA_ARGS__))
#define __c11_atomic_fetch_and(...)               (stall_point(), __c11_atomic_fetch_and(__VA_ARGS__))
#define __c11_atomic_fetch_or(...)                (stall_point(), __c11_atomic_fetch_or(__VA_ARGS__))
#define __c11_atomic_fetch_xor(...)               (stall_point(), __c11_atomic_fetch_xor(__VA_ARGS__))
#define __c11_atomic_thread_fence(...)            (stall_point(), __c11_atomic_thread_fence(__VA_ARGS__))
#endif
/* clang-format on */

#endif
