/* SPDX-License-Identifier: MIT */
/* objects.c -- functions of the C library and the kernel that store where an argument points to: in the stress build
 * the learner's calls of them come here, and that place is looked at before. Arguments are words in registers, whatever
 * their types; a function is handed six of them, and takes what it has. */
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "trespass.h"

typedef long function_of_words(long, long, long, long, long, long);

static void look(long at, long size) {
    if (at != 0 && size > 0) forbid_own((const void *)at, (size_t)size);
}

#define WATCHED(name, looks)                                                                                           \
    long watched_##name(long a, long b, long c, long d, long e, long f);                                               \
    long watched_##name(long a, long b, long c, long d, long e, long f) {                                              \
        function_of_words *go;                                                                                         \
        looks;                                                                                                         \
        __asm__("" : "=r"(go) : "0"(name)); /* or the compiler would see that it is of another type */                 \
        return go(a, b, c, d, e, f);                                                                                   \
    }
#define FIRST(name) WATCHED(name, look(a, OBJECT))
#define SECOND(name) WATCHED(name, look(b, OBJECT))
#define FIRST_TWO(name) WATCHED(name, (look(a, OBJECT), look(b, OBJECT)))

FIRST(pthread_create)
SECOND(pthread_join)
FIRST(pthread_once)
FIRST(pthread_key_create)
FIRST(pthread_attr_init)
FIRST(pthread_attr_destroy)
FIRST(pthread_attr_setdetachstate)
SECOND(pthread_attr_getdetachstate)
FIRST(pthread_attr_setstacksize)
SECOND(pthread_attr_getstacksize)
FIRST(pthread_attr_setguardsize)
SECOND(pthread_attr_getguardsize)
FIRST(pthread_attr_setscope)
WATCHED(pthread_sigmask, look(c, sizeof(sigset_t)))
WATCHED(sigemptyset, look(a, sizeof(sigset_t)))
WATCHED(sigfillset, look(a, sizeof(sigset_t)))
FIRST(sigaddset)
FIRST(sigdelset)
FIRST(pthread_mutexattr_init)
FIRST(pthread_mutexattr_destroy)
FIRST(pthread_mutexattr_settype)
SECOND(pthread_mutexattr_gettype)
FIRST(pthread_mutexattr_setpshared)
FIRST(pthread_mutexattr_setprotocol)
FIRST(pthread_mutex_init)
FIRST(pthread_mutex_destroy)
FIRST(pthread_mutex_lock)
FIRST(pthread_mutex_trylock)
FIRST(pthread_mutex_unlock)
FIRST(pthread_spin_init)
FIRST(pthread_spin_destroy)
FIRST(pthread_spin_lock)
FIRST(pthread_spin_trylock)
FIRST(pthread_spin_unlock)
FIRST(pthread_rwlockattr_init)
FIRST(pthread_rwlockattr_destroy)
FIRST(pthread_rwlockattr_setpshared)
FIRST(pthread_rwlockattr_setkind_np)
FIRST(pthread_rwlock_init)
FIRST(pthread_rwlock_destroy)
FIRST(pthread_rwlock_rdlock)
FIRST(pthread_rwlock_tryrdlock)
FIRST(pthread_rwlock_wrlock)
FIRST(pthread_rwlock_trywrlock)
FIRST(pthread_rwlock_unlock)
FIRST(pthread_condattr_init)
FIRST(pthread_condattr_destroy)
FIRST(pthread_condattr_setpshared)
FIRST(pthread_condattr_setclock)
FIRST(pthread_cond_init)
FIRST(pthread_cond_destroy)
FIRST_TWO(pthread_cond_wait)
FIRST_TWO(pthread_cond_timedwait)
FIRST_TWO(pthread_cond_clockwait)
FIRST(pthread_cond_signal)
FIRST(pthread_cond_broadcast)
FIRST(sem_init)
FIRST(sem_destroy)
FIRST(sem_wait)
FIRST(sem_trywait)
FIRST(sem_timedwait)
FIRST(sem_clockwait)
FIRST(sem_post)
SECOND(sem_getvalue)
FIRST(pthread_barrier_init)
FIRST(pthread_barrier_destroy)
FIRST(pthread_barrier_wait)
SECOND(clock_gettime)
SECOND(clock_getres)
FIRST(gettimeofday)
FIRST(timespec_get)
FIRST(time)
SECOND(nanosleep)
WATCHED(clock_nanosleep, look(d, OBJECT))
SECOND(strtol)
SECOND(strtoll)
SECOND(strtoul)
SECOND(strtoull)
SECOND(strtoimax)
SECOND(strtoumax)
WATCHED(strtok_r, (look(a, OBJECT), look(c, OBJECT)))
FIRST(strsep)
FIRST(rand_r)
WATCHED(strerror_r, look(b, (long)c))
WATCHED(qsort, look(a, b *c))
WATCHED(setbuf, look(b, BUFSIZ))
WATCHED(setvbuf, look(b, d))
WATCHED(read, look(b, c))
WATCHED(recv, look(b, c))
WATCHED(recvfrom, (look(b, c), look(e, OBJECT), look(f, OBJECT)))
WATCHED(fstat, look(b, sizeof(struct stat)))
FIRST(pipe)
FIRST(pipe2)
SECOND(eventfd_read)
WATCHED(accept, (look(b, OBJECT), look(c, OBJECT)))
WATCHED(accept4, (look(b, OBJECT), look(c, OBJECT)))
WATCHED(getsockname, (look(b, OBJECT), look(c, OBJECT)))
WATCHED(getpeername, (look(b, OBJECT), look(c, OBJECT)))
WATCHED(getsockopt, (look(d, OBJECT), look(e, OBJECT)))
WATCHED(poll, look(a, b *(long)sizeof(struct pollfd)))
WATCHED(epoll_wait, look(b, c *(long)sizeof(struct epoll_event)))
WATCHED(select, (look(b, OBJECT), look(c, OBJECT), look(d, OBJECT), look(e, OBJECT)))
