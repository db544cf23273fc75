// SPDX-License-Identifier: MIT
/**
 * Calls that a kata may allow, in groups: who may use one of a group may use all of it. The schedule explorer answers
 * each of them, and ThreadSanitizer understands each. What may wait for a time, and what allocates in secret, is in no
 * group: a kata that allows it says so by name.
 */
const GROUPS = {
  memory: "malloc calloc realloc aligned_alloc posix_memalign free",
  strings:
    "memchr memrchr memmem memcpy memmove memset memcmp strlen strnlen strcmp strncmp strcasecmp strncasecmp strcpy " +
    "strncpy stpcpy strcat strncat strchr strrchr strstr strspn strcspn strpbrk strtok_r",
  mathematics:
    "log log1p log2 log10 exp expm1 exp2 pow sqrt fabs fmin fmax fmod floor ceil round trunc ldexp frexp nextafter",
  clocks: "clock_gettime gettimeofday timespec_get time",
  threads:
    "pthread_create pthread_join pthread_detach pthread_self pthread_equal pthread_exit pthread_once " +
    "pthread_attr_init pthread_attr_destroy pthread_attr_setstacksize pthread_attr_setdetachstate pthread_setname_np",
  thread_locals: "pthread_key_create pthread_key_delete pthread_getspecific pthread_setspecific",
  mutexes:
    "pthread_mutexattr_init pthread_mutexattr_destroy pthread_mutexattr_settype " +
    "pthread_mutex_init pthread_mutex_destroy pthread_mutex_lock pthread_mutex_trylock pthread_mutex_unlock",
  spinlocks: "pthread_spin_init pthread_spin_destroy pthread_spin_lock pthread_spin_trylock pthread_spin_unlock",
  rwlocks:
    "pthread_rwlock_init pthread_rwlock_destroy pthread_rwlock_rdlock pthread_rwlock_tryrdlock " +
    "pthread_rwlock_wrlock pthread_rwlock_trywrlock pthread_rwlock_unlock",
  conditions:
    "pthread_condattr_init pthread_condattr_destroy pthread_cond_init pthread_cond_destroy " +
    "pthread_cond_wait pthread_cond_signal pthread_cond_broadcast",
  semaphores: "sem_init sem_destroy sem_wait sem_trywait sem_post sem_getvalue",
  barriers: "pthread_barrier_init pthread_barrier_destroy pthread_barrier_wait",
};
export type Group = keyof typeof GROUPS;
export const GROUP_NAMES = Object.keys(GROUPS) as Group[];

/** The calls of some groups, for a kata's `imports`. */
export const calls = (...groups: Group[]): string[] => groups.flatMap((group) => GROUPS[group].split(" "));
