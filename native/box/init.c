/* SPDX-License-Identifier: MIT */
/* init.c -- the first process in a box that bubblewrap has made: starts the
 * program as an ordinary user within its bounds, collects what is orphaned, and
 * tells the grader how the program ended. When this process ends, the kernel ends
 * all others in the box.
 *
 *   init [uid=N] [status=FD] [address=BYTES] [file=BYTES] [processes=N] [cpu=SECONDS]
 *        [traces=1] [rings=1] [list=PATH]... [read=PATH]... [write=PATH]... -- FOLDER [NAME=VALUE]... PROGRAM [WORD]...
 *
 * With paths there is no box: this process walls itself in and becomes the program.
 *
 * The program runs in FOLDER. Its environment is what stands here and nothing else. On FD leaves
 * "began\n", then "exit CODE SURVIVORS\n" or "signal NUMBER SURVIVORS\n". Nothing
 * in the box can forge them: this process lets nobody look into it. Its own exit
 * code is the program's, or 128 and the signal's number. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "box.h"

extern char **environ;

/* The program has the three that all have, and the one for its evidence. */
enum { FIRST_OWN = 4, HIGH = 100, NO_STATUS = -1, EXIT_BROKEN = 126, EXIT_NOT_STARTED = 127 };

/* Ends with NULL. */
struct paths {
    char *all[256];
    size_t count;
};

struct order {
    struct bounds bounds;
    unsigned long long uid, traces, rings, status;
    struct paths lists, reads, writes;
    const char *folder;
    char **program;
};

static _Noreturn void give_up(const char *what) {
    dprintf(STDERR_FILENO, "box: %s: %s\n", what, strerror(errno));
    _exit(EXIT_BROKEN);
}

static bool read_path(struct paths *paths, const char *name, char *word) {
    if (strncmp(word, name, strlen(name)) != 0) return false;
    if (paths->count + 1 == sizeof paths->all / sizeof *paths->all) {
        errno = E2BIG;
        give_up(word);
    }
    paths->all[paths->count++] = word + strlen(name);
    return true;
}

static void read_word(struct order *order, char *word) {
    if (read_path(&order->lists, "list=", word) || read_path(&order->reads, "read=", word) ||
        read_path(&order->writes, "write=", word))
        return;
    const struct {
        const char *name;
        unsigned long long *value;
    } known[] = {{"uid=", &order->uid},
                 {"status=", &order->status},
                 {"address=", &order->bounds.address_bytes},
                 {"file=", &order->bounds.file_bytes},
                 {"processes=", &order->bounds.processes},
                 {"cpu=", &order->bounds.cpu_s},
                 {"traces=", &order->traces},
                 {"rings=", &order->rings}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t length = strlen(known[i].name);
        if (strncmp(word, known[i].name, length) != 0) continue;
        *known[i].value = strtoull(word + length, NULL, 10);
        return;
    }
    errno = EINVAL;
    give_up(word);
}

static struct order read_order(char **word) {
    struct order order = {.status = 0};
    for (; *word && strcmp(*word, "--") != 0; word++) read_word(&order, *word);
    if (!*word || !*++word) give_up("no folder");
    order.folder = *word++;
    environ = word;
    while (*word && **word != '/' && strchr(*word, '=')) word++; /* a path may have the sign, too */
    order.program = word;
    if (!*word) give_up("no program");
    return order;
}

/* Root would have no limit of processes, and could read what root may read. This
 * process stays what it is: bubblewrap could not end another user's with itself. */
static void become_ordinary(unsigned long long uid) {
    if (uid == 0) return;
    if (setgroups(0, NULL) != 0 || setresgid((gid_t)uid, (gid_t)uid, (gid_t)uid) != 0 ||
        setresuid((uid_t)uid, (uid_t)uid, (uid_t)uid) != 0)
        give_up("cannot become an ordinary user");
}

/* It has what root needs in order to become another user, and needs it no more. */
static void give_rights_up(void) {
    struct __user_cap_header_struct mine = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
    if (syscall(SYS_capset, &mine, none) != 0) give_up("cannot give rights up");
}

/* The environment's words lie before the program's; a null between them ends it. */
static char **environment_of(const struct order *order) {
    size_t count = (size_t)(order->program - environ);
    char **words = calloc(count + 1, sizeof *words);
    if (!words) give_up("no memory");
    memcpy(words, environ, count * sizeof *words);
    return words;
}

static _Noreturn void become_program(const struct order *order) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    become_ordinary(order->uid);
    if (chdir(order->folder) != 0) give_up(order->folder);
    setsid(); /* a signal to its own group reaches neither this nor bubblewrap */
    environ = environment_of(order);
    if (!bounds_set(&order->bounds)) give_up("cannot set a limit");
    if (order->reads.count) {
        const struct walls walls = {order->lists.all, order->reads.all, order->writes.all};
        if (!walls_set(&walls)) give_up("cannot wall itself in");
        give_rights_up(); /* root's, who stays root, since its files are nobody else's */
    }
    if (!filter_load(order->traces != 0, order->rings != 0)) give_up("cannot load the filter");
    execvp(order->program[0], order->program);
    dprintf(STDERR_FILENO, "box: cannot start %s: %s\n", order->program[0], strerror(errno));
    _exit(EXIT_NOT_STARTED);
}

/* Everything in the box is this process's own, or its child's, and so on. */
static int alive(void) {
    int count = 0;
    DIR *all = opendir("/proc");
    for (struct dirent *entry; all && (entry = readdir(all));) {
        char path[300], stat[512] = "";
        if (!isdigit((unsigned char)entry->d_name[0]) || strcmp(entry->d_name, "1") == 0) continue;
        snprintf(path, sizeof path, "/proc/%s/stat", entry->d_name);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0) continue;
        if (read(fd, stat, sizeof stat - 1) < 0) stat[0] = '\0';
        close(fd);
        const char *state = strrchr(stat, ')');
        count += state && state[1] && !strchr("ZX", state[2]);
    }
    if (all) closedir(all);
    return count;
}

/* Waits for the program; the grader's end of the descriptor tells when it is gone. */
static int outcome_of(pid_t program, int signals, int status_fd) {
    struct pollfd events[] = {{.fd = signals, .events = POLLIN}, {.fd = status_fd}};
    for (;;) {
        struct signalfd_siginfo ignored;
        if (poll(events, 2, -1) < 0 && errno != EINTR) give_up("poll");
        if (events[1].revents != 0) _exit(EXIT_BROKEN);
        if (events[0].revents == 0 || read(signals, &ignored, sizeof ignored) < 0) continue;
        int outcome, found = 0;
        for (pid_t pid; !found && (pid = waitpid(-1, &outcome, WNOHANG)) > 0;) found = pid == program;
        if (found) return outcome;
    }
}

static void tell(int status_fd, const char *text) {
    if (status_fd != NO_STATUS && write(status_fd, text, strlen(text)) < 0) _exit(EXIT_BROKEN);
}

int main(int argc, char **argv) {
    (void)argc;
    struct order order = read_order(argv + 1);
    int status_fd = order.status ? (int)order.status : NO_STATUS;
    syscall(SYS_close_range, FIRST_OWN, ~0U, CLOSE_RANGE_CLOEXEC); /* before Linux 5.11: bubblewrap leaves none open */
    if (status_fd != NO_STATUS) fcntl(status_fd, F_SETFD, FD_CLOEXEC);
    if (order.reads.count) become_program(&order);
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) give_up("cannot hide");
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL);
    int low = signalfd(-1, &child, SFD_NONBLOCK), signals = fcntl(low, F_DUPFD_CLOEXEC, HIGH);
    close(low); /* it may be one of the four, which are closed below */
    if (signals < 0) give_up("signalfd");

    tell(status_fd, "began\n");
    pid_t program = fork();
    if (program < 0) give_up("fork");
    if (program == 0) become_program(&order);
    give_rights_up();
    for (int fd = 0; fd < FIRST_OWN; fd++) close(fd); /* who reads them waits for their last holder */
    int outcome = outcome_of(program, signals, status_fd);

    char text[64];
    bool killed = WIFSIGNALED(outcome);
    int number = killed ? WTERMSIG(outcome) : WEXITSTATUS(outcome);
    snprintf(text, sizeof text, "%s %d %d\n", killed ? "signal" : "exit", number, alive());
    tell(status_fd, text);
    return killed ? 128 + number : number;
}
