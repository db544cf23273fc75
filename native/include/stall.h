/* SPDX-License-Identifier: MIT */
/* stall.h -- stalls before atomic operations, and steps counted.
 *
 * The `stress` build includes this header before the learner's file, so that
 * every atomic operation is preceded by __c10kata_stall(): by default nothing,
 * a yield or a short delay, drawn from the thread's seed. Windows of a few
 * nanoseconds become wide enough to fall into. gcc and clang implement
 * <stdatomic.h> with the builtins below; a macro's own name inside its body is
 * not expanded again (C11 6.10.3.4), so each wraps itself.
 *
 * The same build calls a hook per basic block; pace.c counts those steps.
 *
 * A submission can neither define nor mention a name that begins as this one
 * does, and there is no macro here by which it could know the build. */
#pragma once

void __c10kata_stall(void);

/* clang-format off */
#define __atomic_load(...)                 (__c10kata_stall(), __atomic_load(__VA_ARGS__))
#define __atomic_load_n(...)               (__c10kata_stall(), __atomic_load_n(__VA_ARGS__))
#define __atomic_store(...)                (__c10kata_stall(), __atomic_store(__VA_ARGS__))
#define __atomic_store_n(...)              (__c10kata_stall(), __atomic_store_n(__VA_ARGS__))
#define __atomic_exchange(...)             (__c10kata_stall(), __atomic_exchange(__VA_ARGS__))
#define __atomic_exchange_n(...)           (__c10kata_stall(), __atomic_exchange_n(__VA_ARGS__))
#define __atomic_compare_exchange(...)     (__c10kata_stall(), __atomic_compare_exchange(__VA_ARGS__))
#define __atomic_compare_exchange_n(...)   (__c10kata_stall(), __atomic_compare_exchange_n(__VA_ARGS__))
#define __atomic_fetch_add(...)            (__c10kata_stall(), __atomic_fetch_add(__VA_ARGS__))
#define __atomic_fetch_sub(...)            (__c10kata_stall(), __atomic_fetch_sub(__VA_ARGS__))
#define __atomic_fetch_and(...)            (__c10kata_stall(), __atomic_fetch_and(__VA_ARGS__))
#define __atomic_fetch_or(...)             (__c10kata_stall(), __atomic_fetch_or(__VA_ARGS__))
#define __atomic_fetch_xor(...)            (__c10kata_stall(), __atomic_fetch_xor(__VA_ARGS__))
#define __atomic_add_fetch(...)            (__c10kata_stall(), __atomic_add_fetch(__VA_ARGS__))
#define __atomic_sub_fetch(...)            (__c10kata_stall(), __atomic_sub_fetch(__VA_ARGS__))
#define __atomic_and_fetch(...)            (__c10kata_stall(), __atomic_and_fetch(__VA_ARGS__))
#define __atomic_or_fetch(...)             (__c10kata_stall(), __atomic_or_fetch(__VA_ARGS__))
#define __atomic_xor_fetch(...)            (__c10kata_stall(), __atomic_xor_fetch(__VA_ARGS__))
#define __atomic_test_and_set(...)         (__c10kata_stall(), __atomic_test_and_set(__VA_ARGS__))
#define __atomic_clear(...)                (__c10kata_stall(), __atomic_clear(__VA_ARGS__))
#define __atomic_thread_fence(...)         (__c10kata_stall(), __atomic_thread_fence(__VA_ARGS__))
#define __sync_fetch_and_add(...)          (__c10kata_stall(), __sync_fetch_and_add(__VA_ARGS__))
#define __sync_fetch_and_sub(...)          (__c10kata_stall(), __sync_fetch_and_sub(__VA_ARGS__))
#define __sync_bool_compare_and_swap(...)  (__c10kata_stall(), __sync_bool_compare_and_swap(__VA_ARGS__))
#define __sync_val_compare_and_swap(...)   (__c10kata_stall(), __sync_val_compare_and_swap(__VA_ARGS__))
#define __sync_lock_test_and_set(...)      (__c10kata_stall(), __sync_lock_test_and_set(__VA_ARGS__))
#define __sync_lock_release(...)           (__c10kata_stall(), __sync_lock_release(__VA_ARGS__))
#define __sync_synchronize()               (__c10kata_stall(), __sync_synchronize())
#ifdef __clang__
#define __c11_atomic_load(...)                    (__c10kata_stall(), __c11_atomic_load(__VA_ARGS__))
#define __c11_atomic_store(...)                   (__c10kata_stall(), __c11_atomic_store(__VA_ARGS__))
#define __c11_atomic_exchange(...)                (__c10kata_stall(), __c11_atomic_exchange(__VA_ARGS__))
#define __c11_atomic_compare_exchange_strong(...) (__c10kata_stall(), __c11_atomic_compare_exchange_strong(__VA_ARGS__))
#define __c11_atomic_compare_exchange_weak(...)   (__c10kata_stall(), __c11_atomic_compare_exchange_weak(__VA_ARGS__))
#define __c11_atomic_fetch_add(...)               (__c10kata_stall(), __c11_atomic_fetch_add(__VA_ARGS__))
#define __c11_atomic_fetch_sub(...)               (__c10kata_stall(), __c11_atomic_fetch_sub(__VA_ARGS__))
#define __c11_atomic_fetch_and(...)               (__c10kata_stall(), __c11_atomic_fetch_and(__VA_ARGS__))
#define __c11_atomic_fetch_or(...)                (__c10kata_stall(), __c11_atomic_fetch_or(__VA_ARGS__))
#define __c11_atomic_fetch_xor(...)               (__c10kata_stall(), __c11_atomic_fetch_xor(__VA_ARGS__))
#define __c11_atomic_thread_fence(...)            (__c10kata_stall(), __c11_atomic_thread_fence(__VA_ARGS__))
#endif
/* clang-format on */
