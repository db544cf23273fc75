/* SPDX-License-Identifier: MIT */
/* disk.c -- system calls of the SQLite library, as seen by a native guest: its
 * definitions of these names come before the C library's. A guest under bun
 * has them too, and they are not called there.
 *
 * Sleeping can be virtual: then it takes no time and is added up. That is a
 * fair clock only while every other process of the scenario stands still. */
#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include "driver.h"

struct disk disk;

/* Counts a read or write that the present fault is about; true if it fails.
 * Two faults are none: the process dies, or stops. */
static bool fails(bool is_read, int *error) {
    static const int errors[] = {
        [DISK_FULL] = ENOSPC, [DISK_WRITE_ERROR] = EIO, [DISK_READ_ONLY] = EROFS, [DISK_READ_ERROR] = EIO};
    if (disk.fault == DISK_OK || disk.fault == DISK_LIMIT || is_read != (disk.fault == DISK_READ_ERROR)) return false;
    if (++disk.seen < disk.from) return false;
    disk.hit = true;
    if (disk.fault == DISK_STOP) {
        if (disk.seen == disk.from) disk.stop();
        return false;
    }
    if (disk.fault == DISK_KILL) kill(getpid(), SIGKILL);
    *error = errors[disk.fault];
    return true;
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at) {
    if (fails(false, &errno)) return -1;
    ssize_t n = syscall(SYS_pwrite64, fd, bytes, size, at);
    if (disk.fault == DISK_LIMIT && n != (ssize_t)size) disk.hit = true;
    return n;
}

ssize_t pread64(int fd, void *bytes, size_t size, off64_t at) {
    if (fails(true, &errno)) return -1;
    return syscall(SYS_pread64, fd, bytes, size, at);
}

/* A virtual sleep of no time at all would go on for ever. */
static void sleep_us(int64_t us) {
    disk.slept_us += us > 0 ? us : 1;
    if (disk.stop_at_us == 0 || disk.slept_us < disk.stop_at_us) return;
    disk.stop_at_us = 0;
    disk.stop();
}

int nanosleep(const struct timespec *wanted, struct timespec *left) {
    if (!disk.virtual_sleep) return (int)syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, wanted, left);
    sleep_us((int64_t)wanted->tv_sec * 1000000 + wanted->tv_nsec / 1000);
    return 0;
}

int usleep(useconds_t us) {
    return nanosleep(&(struct timespec){us / 1000000, (long)(us % 1000000) * 1000}, NULL);
}
