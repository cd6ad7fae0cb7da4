/* Moves the wall clock of a process and of its children; preloaded (LD_PRELOAD) by tests/clock/shift.py.

   SHIFTED_CLOCK_SECONDS says by how much. Every reading of the time of day is shifted; an absolute
   time-out on that clock is shifted back before the kernel sees it, or a wait would end at once or last for days.
   Monotonic clocks, intervals and the times of files stay as they are. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static time_t shift;

__attribute__((constructor)) static void read_shift(void) {
    const char *seconds = getenv("SHIFTED_CLOCK_SECONDS");
    shift = seconds ? (time_t)atoll(seconds) : 0;
}

static int is_wall_clock(clockid_t clock) {
    return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI;
}

static struct timespec shifted_back(clockid_t clock, const struct timespec *at) {
    struct timespec real = *at;
    if (is_wall_clock(clock)) real.tv_sec -= shift;
    return real;
}

/* ---------- the time of day */

int clock_gettime(clockid_t clock, struct timespec *now) {
    int failed = (int)syscall(SYS_clock_gettime, clock, now);
    if (!failed && is_wall_clock(clock)) now->tv_sec += shift;
    return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec at;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &at)) return -1;
    now->tv_sec = at.tv_sec;
    now->tv_usec = at.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *result) {
    struct timespec at;
    if (clock_gettime(CLOCK_REALTIME, &at)) return (time_t)-1;
    if (result) *result = at.tv_sec;
    return at.tv_sec;
}

int timespec_get(struct timespec *now, int base) {
    return base == TIME_UTC && !clock_gettime(CLOCK_REALTIME, now) ? base : 0;
}

/* ---------- absolute time-outs. The functions that name their clock have one version each in glibc, so they stand
   in for those that do not. */

#define REAL(name, ...)                                                                                             \
    static int (*real)(__VA_ARGS__);                                                                                \
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, name)

int pthread_cond_clockwait(pthread_cond_t *cond, pthread_mutex_t *mutex, clockid_t clock, const struct timespec *at) {
    REAL("pthread_cond_clockwait", pthread_cond_t *, pthread_mutex_t *, clockid_t, const struct timespec *);
    struct timespec back = shifted_back(clock, at);
    return real(cond, mutex, clock, &back);
}

int pthread_cond_timedwait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict at) {
    /* A condition keeps its clock for itself. No machine is up for 30 years: such a time is one of the wall clock. */
    return pthread_cond_clockwait(cond, mutex, at->tv_sec > 1000000000 ? CLOCK_REALTIME : CLOCK_MONOTONIC, at);
}

int sem_clockwait(sem_t *semaphore, clockid_t clock, const struct timespec *at) {
    REAL("sem_clockwait", sem_t *, clockid_t, const struct timespec *);
    struct timespec back = shifted_back(clock, at);
    return real(semaphore, clock, &back);
}

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict at) {
    return sem_clockwait(semaphore, CLOCK_REALTIME, at);
}

int pthread_mutex_clocklock(pthread_mutex_t *mutex, clockid_t clock, const struct timespec *at) {
    REAL("pthread_mutex_clocklock", pthread_mutex_t *, clockid_t, const struct timespec *);
    struct timespec back = shifted_back(clock, at);
    return real(mutex, clock, &back);
}

int pthread_mutex_timedlock(pthread_mutex_t *restrict mutex, const struct timespec *restrict at) {
    return pthread_mutex_clocklock(mutex, CLOCK_REALTIME, at);
}

int pthread_rwlock_clockrdlock(pthread_rwlock_t *lock, clockid_t clock, const struct timespec *at) {
    REAL("pthread_rwlock_clockrdlock", pthread_rwlock_t *, clockid_t, const struct timespec *);
    struct timespec back = shifted_back(clock, at);
    return real(lock, clock, &back);
}

int pthread_rwlock_timedrdlock(pthread_rwlock_t *restrict lock, const struct timespec *restrict at) {
    return pthread_rwlock_clockrdlock(lock, CLOCK_REALTIME, at);
}

int pthread_rwlock_clockwrlock(pthread_rwlock_t *lock, clockid_t clock, const struct timespec *at) {
    REAL("pthread_rwlock_clockwrlock", pthread_rwlock_t *, clockid_t, const struct timespec *);
    struct timespec back = shifted_back(clock, at);
    return real(lock, clock, &back);
}

int pthread_rwlock_timedwrlock(pthread_rwlock_t *restrict lock, const struct timespec *restrict at) {
    return pthread_rwlock_clockwrlock(lock, CLOCK_REALTIME, at);
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *at, struct timespec *left) {
    REAL("clock_nanosleep", clockid_t, int, const struct timespec *, struct timespec *);
    struct timespec back = flags & TIMER_ABSTIME ? shifted_back(clock, at) : *at;
    return real(clock, flags, &back, left);
}
