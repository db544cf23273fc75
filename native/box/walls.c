/* SPDX-License-Identifier: MIT */
/* walls.c -- Landlock: what a process may open, for good, where no namespaces can
 * be had. Its rules name folders and files, everything below included.
 *
 * See landlock(7). The tables of this file's version (6, Linux 6.12) are younger
 * than many a system's headers, hence the numbers. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "box.h"

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

enum { ASK_VERSION = 1, VERSION = 6, BENEATH = 1 };

enum {
    EXECUTE = 1 << 0,
    WRITE_FILE = 1 << 1,
    READ_FILE = 1 << 2,
    READ_DIR = 1 << 3,
    TRUNCATE = 1 << 14,
    DEVICES = 1 << 15,
    ALL = (1 << 16) - 1, /* making, moving and removing, too */
    READS = EXECUTE | READ_FILE | READ_DIR,
    OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | DEVICES,
};

/* Sockets with abstract names, and signals: to those within the same walls only. */
enum { NAMES = 1 << 0, SIGNALS = 1 << 1 };

struct handled {
    uint64_t files, ports, scopes;
};

struct rule {
    uint64_t access;
    int32_t fd;
} __attribute__((packed));

static bool add(int ruleset, const char *path, uint64_t access) {
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0) return errno == ENOENT; /* in a box some are not there */
    struct stat found;
    bool right = fstat(fd, &found) == 0;
    if (right && !S_ISDIR(found.st_mode)) access &= OF_FILES;
    struct rule rule = {access, fd};
    right = right && syscall(SYS_landlock_add_rule, ruleset, BENEATH, &rule, 0) == 0;
    close(fd);
    return right;
}

static bool add_all(int ruleset, char *const *paths, uint64_t access) {
    for (; *paths; paths++)
        if (!add(ruleset, *paths, access)) return false;
    return true;
}

bool walls_set(const struct walls *walls) {
    if (syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION) < VERSION) return errno = ENOSYS, false;
    struct handled handled = {.files = ALL, .scopes = NAMES | SIGNALS};
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0);
    if (ruleset < 0) return false;
    bool right = add_all(ruleset, walls->lists, READ_DIR) && add_all(ruleset, walls->reads, READS) &&
                 add_all(ruleset, walls->writes, ALL) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                 syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
    close(ruleset);
    return right;
}
