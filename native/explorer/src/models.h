/* SPDX-License-Identifier: MIT
 *
 * models.h -- the calls that the explorer answers itself, each named after the one it stands in
 * for. */
#ifndef MODELS_H
#define MODELS_H

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <threads.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

/* The model of a name, or NULL if it has none. */
void *model_of(const char *name);

/* Is this a C library function without threads, files, time or memory of its own? */
bool is_harmless(const char *name);

/* Lets the next thread creations fail, at most `times` of them. */
void thread_calls_allow_failures(unsigned times);
void thread_calls_reset(void);
void time_calls_reset(void);
void time_calls_step_realtime(int64_t seconds);

/* thread_calls.c */
int model_pthread_create(pthread_t *handle, const pthread_attr_t *attributes, void *(*start)(void *), void *argument);
int model_pthread_join(pthread_t handle, void **result);
int model_pthread_tryjoin_np(pthread_t handle, void **result);
int model_pthread_timedjoin_np(pthread_t handle, void **result, const struct timespec *when);
int model_pthread_clockjoin_np(pthread_t handle, void **result, clockid_t clock, const struct timespec *when);
int model_pthread_detach(pthread_t handle);
pthread_t model_pthread_self(void);
int model_pthread_equal(pthread_t one, pthread_t other);
void model_pthread_exit(void *result);

/* Of a kata's submission, whose calls have these names (harness/src/build/learner.ts). */
int model_learners_pthread_create(pthread_t *handle, const pthread_attr_t *attributes, void *(*start)(void *),
                                  void *argument);
void model_learners_pthread_exit(void *result);
int model_pthread_attr_init(pthread_attr_t *attributes);
int model_pthread_attr_setdetachstate(pthread_attr_t *attributes, int state);
int model_pthread_attr_getdetachstate(const pthread_attr_t *attributes, int *state);
int model_pthread_attr_setstacksize(pthread_attr_t *attributes, size_t size);
int model_pthread_attr_getstacksize(const pthread_attr_t *attributes, size_t *size);
int model_pthread_attr_setguardsize(pthread_attr_t *attributes, size_t size);
int model_pthread_attr_getguardsize(const pthread_attr_t *attributes, size_t *size);
int model_pthread_sigmask(int how, const sigset_t *set, sigset_t *old);
int model_succeed(void);
int model_thrd_create(thrd_t *handle, thrd_start_t start, void *argument);
int model_thrd_join(thrd_t handle, int *result);
int model_thrd_detach(thrd_t handle);
void model_thrd_exit(int result);

/* mutex_calls.c */
int model_pthread_mutexattr_init(pthread_mutexattr_t *attributes);
int model_pthread_mutexattr_settype(pthread_mutexattr_t *attributes, int type);
int model_pthread_mutexattr_gettype(const pthread_mutexattr_t *attributes, int *type);
int model_pthread_mutex_init(pthread_mutex_t *at, const pthread_mutexattr_t *attributes);
int model_pthread_mutex_destroy(pthread_mutex_t *at);
int model_pthread_mutex_lock(pthread_mutex_t *at);
int model_pthread_mutex_trylock(pthread_mutex_t *at);
int model_pthread_mutex_timedlock(pthread_mutex_t *at, const struct timespec *when);
int model_pthread_mutex_clocklock(pthread_mutex_t *at, clockid_t clock, const struct timespec *when);
int model_pthread_mutex_unlock(pthread_mutex_t *at);
int model_mtx_init(mtx_t *at, int type);
void model_mtx_destroy(mtx_t *at);
int model_mtx_lock(mtx_t *at);
int model_mtx_trylock(mtx_t *at);
int model_mtx_timedlock(mtx_t *at, const struct timespec *when);
int model_mtx_unlock(mtx_t *at);
int model_pthread_spin_init(pthread_spinlock_t *at, int shared);
int model_pthread_spin_destroy(pthread_spinlock_t *at);
int model_pthread_spin_lock(pthread_spinlock_t *at);
int model_pthread_spin_trylock(pthread_spinlock_t *at);
int model_pthread_spin_unlock(pthread_spinlock_t *at);

/* condition_calls.c */
int model_pthread_condattr_init(pthread_condattr_t *attributes);
int model_pthread_condattr_setclock(pthread_condattr_t *attributes, clockid_t clock);
int model_pthread_condattr_getclock(const pthread_condattr_t *attributes, clockid_t *clock);
int model_pthread_cond_init(pthread_cond_t *at, const pthread_condattr_t *attributes);
int model_pthread_cond_destroy(pthread_cond_t *at);
int model_pthread_cond_wait(pthread_cond_t *at, pthread_mutex_t *mutex);
int model_pthread_cond_timedwait(pthread_cond_t *at, pthread_mutex_t *mutex, const struct timespec *when);
int model_pthread_cond_clockwait(pthread_cond_t *at, pthread_mutex_t *mutex, clockid_t clock,
                                 const struct timespec *when);
int model_pthread_cond_signal(pthread_cond_t *at);
int model_pthread_cond_broadcast(pthread_cond_t *at);
int model_cnd_init(cnd_t *at);
void model_cnd_destroy(cnd_t *at);
int model_cnd_wait(cnd_t *at, mtx_t *mutex);
int model_cnd_timedwait(cnd_t *at, mtx_t *mutex, const struct timespec *when);
int model_cnd_signal(cnd_t *at);
int model_cnd_broadcast(cnd_t *at);

/* rwlock_calls.c */
int model_pthread_rwlock_init(pthread_rwlock_t *at, const pthread_rwlockattr_t *attributes);
int model_pthread_rwlock_destroy(pthread_rwlock_t *at);
int model_pthread_rwlock_rdlock(pthread_rwlock_t *at);
int model_pthread_rwlock_wrlock(pthread_rwlock_t *at);
int model_pthread_rwlock_tryrdlock(pthread_rwlock_t *at);
int model_pthread_rwlock_trywrlock(pthread_rwlock_t *at);
int model_pthread_rwlock_timedrdlock(pthread_rwlock_t *at, const struct timespec *when);
int model_pthread_rwlock_timedwrlock(pthread_rwlock_t *at, const struct timespec *when);
int model_pthread_rwlock_clockrdlock(pthread_rwlock_t *at, clockid_t clock, const struct timespec *when);
int model_pthread_rwlock_clockwrlock(pthread_rwlock_t *at, clockid_t clock, const struct timespec *when);
int model_pthread_rwlock_unlock(pthread_rwlock_t *at);

/* semaphore_calls.c */
int model_sem_init(sem_t *at, int shared, unsigned value);
int model_sem_destroy(sem_t *at);
int model_sem_wait(sem_t *at);
int model_sem_trywait(sem_t *at);
int model_sem_timedwait(sem_t *at, const struct timespec *when);
int model_sem_clockwait(sem_t *at, clockid_t clock, const struct timespec *when);
int model_sem_post(sem_t *at);
int model_sem_getvalue(sem_t *at, int *value);

/* futex_calls.c */
int model_futex_wait(const volatile void *word, uint32_t expected, const uint64_t *deadline_ns);
int model_futex_wake(const volatile void *word, int threads);

/* barrier_calls.c */
int model_pthread_barrier_init(pthread_barrier_t *at, const pthread_barrierattr_t *attributes, unsigned count);
int model_pthread_barrier_destroy(pthread_barrier_t *at);
int model_pthread_barrier_wait(pthread_barrier_t *at);
int model_pthread_once(pthread_once_t *at, void (*routine)(void));
void model_call_once(void *at, void (*routine)(void));

/* keys.c */
int model_pthread_key_create(unsigned *key, void (*destructor)(void *));
int model_pthread_key_delete(unsigned key);
void *model_pthread_getspecific(unsigned key);
int model_pthread_setspecific(unsigned key, const void *value);
void *model_tls_get_addr(const size_t index[2]);

/* time_calls.c */
int model_clock_gettime(clockid_t clock, struct timespec *out);
int model_clock_getres(clockid_t clock, struct timespec *out);
int model_timespec_get(struct timespec *out, int base);
int model_gettimeofday(struct timeval *out, void *unused);
time_t model_time(time_t *out);
clock_t model_clock(void);
int model_nanosleep(const struct timespec *time, struct timespec *left);
int model_clock_nanosleep(clockid_t clock, int flags, const struct timespec *time, struct timespec *left);
int model_usleep(useconds_t us);
unsigned model_sleep(unsigned seconds);
int model_sched_yield(void);
void model_thrd_yield(void);

/* memory_calls.c */
void *model_malloc(size_t size);
void *model_calloc(size_t count, size_t size);
void model_free(void *memory);
void *model_realloc(void *old, size_t size);
void *model_reallocarray(void *old, size_t count, size_t size);
void *model_aligned_alloc(size_t alignment, size_t size);
void *model_memalign(size_t alignment, size_t size);
void *model_memalign(size_t alignment, size_t size);
int model_posix_memalign(void **out, size_t alignment, size_t size);
size_t model_malloc_usable_size(void *memory);
char *model_strdup(const char *text);
char *model_strndup(const char *text, size_t limit);

/* string_calls.c */
void *model_memcpy(void *to, const void *from, size_t size);
void *model_memmove(void *to, const void *from, size_t size);
void model_bzero(void *to, size_t size);
void *model_memset(void *to, int byte, size_t size);
int model_memcmp(const void *one, const void *other, size_t size);
size_t model_strlen(const char *text);
int model_strcmp(const char *one, const char *other);
int model_strncmp(const char *one, const char *other, size_t limit);
char *model_strcpy(char *to, const char *from);
char *model_strncpy(char *to, const char *from, size_t size);
void *model_mempcpy(void *to, const void *from, size_t size);
char *model_stpcpy(char *to, const char *from);
char *model_strcat(char *to, const char *from);
char *model_strncat(char *to, const char *from, size_t limit);
void *model_memchr(const void *in, int byte, size_t size);
char *model_strchr(const char *in, int character);
char *model_strrchr(const char *in, int character);
char *model_strstr(const char *in, const char *what);
int model_snprintf(char *to, size_t size, const char *format, ...);
int model_vsnprintf(char *to, size_t size, const char *format, va_list arguments);
int model_sprintf(char *to, const char *format, ...);
int model_vsprintf(char *to, const char *format, va_list arguments);
int model_sscanf(const char *text, const char *format, ...);

/* output_calls.c */
int model_printf(const char *format, ...);
int model_fprintf(FILE *file, const char *format, ...);
int model_dprintf(int fd, const char *format, ...);
int model_vprintf(const char *format, va_list arguments);
int model_vfprintf(FILE *file, const char *format, va_list arguments);
int model_vdprintf(int fd, const char *format, va_list arguments);
void model_assert_perror_fail(int error, const char *file, unsigned line, const char *function);
int model_puts(const char *text);
int model_fputs(const char *text, FILE *file);
int model_putchar(int character);
int model_fputc(int character, FILE *file);
size_t model_fwrite(const void *from, size_t size, size_t count, FILE *file);
void model_perror(const char *text);
void model_assert_fail(const char *expression, const char *file, unsigned line, const char *function);
void model_abort(void);
void model_stack_chk_fail(void);
void model_exit(int status);

/* machine_calls.c */
void machine_calls_reset(void);
void model_srand(unsigned seed);
int model_rand(void);
long model_random(void);
int model_get_nprocs(void);
long model_sysconf(int name);
int model_sched_getcpu(void);
int model_getcpu(unsigned *processor, unsigned *node);

/* ucontext_calls.c */
void model_makecontext(ucontext_t *context, void (*function)(void), int count, ...);

/* map_calls.c */
void *model_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset);
int model_munmap(void *at, size_t size);
int model_mprotect(void *at, size_t size, int protection);
int model_madvise(void *at, size_t size, int advice);

/* descriptor_calls.c */
int model_eventfd(unsigned value, int flags);
int model_socketpair(int family, int type, int protocol, int ends[2]);
int model_pipe(int ends[2]);
int model_pipe2(int ends[2], int flags);
int model_close(int number);
int model_fcntl(int number, int command, ...);
ssize_t model_read(int number, void *into, size_t size);
ssize_t model_write(int number, const void *from, size_t size);
ssize_t model_recv(int number, void *into, size_t size, int flags);
ssize_t model_send(int number, const void *from, size_t size, int flags);
int model_eventfd_read(int number, eventfd_t *value);
int model_eventfd_write(int number, eventfd_t value);
int model_accept(int number);

/* interest_calls.c */
int model_epoll_create1(int flags);
int model_epoll_ctl(int list, int command, int number, struct epoll_event *event);
int model_epoll_wait(int list, struct epoll_event *events, int most, int timeout_ms);

#endif
