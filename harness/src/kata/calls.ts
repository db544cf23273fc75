// SPDX-License-Identifier: MIT
/**
 * Calls that a kata may allow, in groups: who may use one of a group may use all of it. The schedule explorer answers
 * each of them, and ThreadSanitizer understands each. What may wait for a time is in no group: a kata that allows it says
 * so by name. What the groups allocate is counted and refused as malloc's is.
 */
const GROUPS = {
  memory: "malloc calloc realloc reallocarray aligned_alloc posix_memalign strdup strndup free",
  strings:
    "memchr memrchr memmem memcpy mempcpy memmove memset memcmp memccpy rawmemchr bzero explicit_bzero " +
    "strlen strnlen strcmp strncmp strcasecmp strncasecmp strcpy strncpy stpcpy stpncpy strcat strncat " +
    "strchr strrchr strchrnul strstr strcasestr strspn strcspn strpbrk strtok_r strsep strerror strerror_r __xpg_strerror_r",
  characters:
    "isalnum isalpha isblank iscntrl isdigit isgraph islower isprint ispunct isspace isupper isxdigit tolower toupper " +
    "__ctype_b_loc __ctype_tolower_loc __ctype_toupper_loc",
  numbers:
    "abs labs llabs div ldiv lldiv ffs ffsl ffsll atoi atol atoll atof strtol strtoll strtoul strtoull strtoimax strtoumax " +
    "strtod strtof bsearch rand_r",
  text: "snprintf vsnprintf sprintf vsprintf sscanf vsscanf",
  debugging:
    "printf vprintf fprintf vfprintf dprintf vdprintf puts putchar fputs fputc putc fwrite perror fflush " +
    "setbuf setvbuf setlinebuf stdout stderr",
  ends: "abort __assert_fail __assert_perror_fail",
  mathematics:
    "log log1p log2 log10 exp expm1 exp2 pow sqrt cbrt hypot fabs fmin fmax fmod fma floor ceil round trunc rint nearbyint " +
    "lround llround lrint llrint ldexp frexp modf scalbn copysign nextafter logf expf powf sqrtf fabsf",
  clocks: "clock_gettime clock_getres gettimeofday timespec_get time difftime clock",
  machine: "sysconf get_nprocs",
  processors: "sched_getcpu getcpu get_nprocs_conf",
  threads:
    "pthread_create pthread_join pthread_detach pthread_self pthread_equal pthread_exit pthread_once " +
    "pthread_attr_init pthread_attr_destroy pthread_attr_setdetachstate pthread_attr_getdetachstate " +
    "pthread_attr_setstacksize pthread_attr_getstacksize pthread_attr_setguardsize pthread_attr_getguardsize " +
    "pthread_attr_setscope pthread_setname_np " +
    "pthread_sigmask sigemptyset sigfillset sigaddset sigdelset sigismember",
  thread_locals: "pthread_key_create pthread_key_delete pthread_getspecific pthread_setspecific",
  mutexes:
    "pthread_mutexattr_init pthread_mutexattr_destroy pthread_mutexattr_settype pthread_mutexattr_gettype " +
    "pthread_mutexattr_setpshared pthread_mutexattr_setprotocol " +
    "pthread_mutex_init pthread_mutex_destroy pthread_mutex_lock pthread_mutex_trylock pthread_mutex_unlock",
  spinlocks: "pthread_spin_init pthread_spin_destroy pthread_spin_lock pthread_spin_trylock pthread_spin_unlock",
  rwlocks:
    "pthread_rwlockattr_init pthread_rwlockattr_destroy pthread_rwlockattr_setpshared pthread_rwlockattr_setkind_np " +
    "pthread_rwlock_init pthread_rwlock_destroy pthread_rwlock_rdlock pthread_rwlock_tryrdlock " +
    "pthread_rwlock_wrlock pthread_rwlock_trywrlock pthread_rwlock_unlock",
  conditions:
    "pthread_condattr_init pthread_condattr_destroy pthread_condattr_setpshared pthread_cond_init pthread_cond_destroy " +
    "pthread_cond_wait pthread_cond_signal pthread_cond_broadcast",
  semaphores: "sem_init sem_destroy sem_wait sem_trywait sem_post sem_getvalue",
  barriers: "pthread_barrier_init pthread_barrier_destroy pthread_barrier_wait",
};
export type Group = keyof typeof GROUPS;
export const GROUP_NAMES = Object.keys(GROUPS) as Group[];

/** The calls of some groups, for a kata's `imports`. */
export const calls = (...groups: Group[]): string[] => groups.flatMap((group) => GROUPS[group].split(" "));

/** What native/guest/processors.c answers in the stress build of a kata that has these `intercepted`. */
export const PROCESSOR_CALLS = [...calls("processors"), ...calls("machine")];

/** Every kata allows these: they touch the caller's memory and standard output, and nothing else. */
export const EVERYWHERE = calls("strings", "characters", "numbers", "text", "debugging", "ends");
