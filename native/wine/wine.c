/* SPDX-License-Identifier: MIT */
/* wine.c -- wine.h: a small Wine in the run's own folder. Its prefix has no services
 * and no registry, and asks for DLLs where Wine was installed (the bootstrap mode in
 * which Wine makes its prefixes): it starts in a third of a second. */
#include "wine.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "evidence.h"
#include "frames.h"
#include "observe.h"

#define LOOK_MS 100
/* Looks and not seconds, as the load generator's: a machine that stands still for a while counts as one. */
#define STUCK_LOOKS 30
#define LOST_LOOKS 150
#define BEGIN_LOOKS 300 /* until Wine itself has started */
#define PROCESSES_MAX 512
#define SAID "wine.said" /* Wine's own words */

static int driver = -1; /* the program's other end of its socket */
static pid_t program;
static int status; /* of the program, once it has ended */
static bool ended;

static _Noreturn void cannot(const char *what) {
    dprintf(STDERR_FILENO, "guest: cannot %s: %s\n", what, strerror(errno));
    _exit(EXIT_BAD_REQUEST);
}

static void make_folder(const char *path) {
    if (mkdir(path, 0700) != 0) cannot("make Wine's folders");
}

static void make_prefix(void) {
    static const char *const folders[] = {"wine", "wine/dosdevices", "wine/drive_c", "wine/drive_c/windows",
                                          "wine/drive_c/windows/system32"};
    char here[4096];
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) make_folder(folders[i]);
    FILE *stamp = fopen("wine/.update-timestamp", "we");
    if (!stamp || fputs("disable\n", stamp) < 0 || fclose(stamp) != 0) cannot("write into Wine's folder");
    if (symlink("../drive_c", "wine/dosdevices/c:") != 0 || symlink("/", "wine/dosdevices/z:") != 0)
        cannot("make Wine's drives");
    if (!getcwd(here, sizeof here - strlen("/wine"))) cannot("ask for its folder");
    setenv("HOME", here, 1);
    setenv("WINEPREFIX", strcat(here, "/wine"), 1);
    setenv("WINEDEBUG", "-all", 1);
    setenv("WINEBOOTSTRAPMODE", "1", 1);
}

static int listener(in_port_t *port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, 1) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        cannot("listen for the program");
    *port = ntohs(address.sin_port);
    return fd;
}

/* The grader's standard output is the program's. */
static _Noreturn void become(const char *const words[], bool quiet) {
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    int said = open(SAID, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (nothing < 0 || said < 0 || dup2(nothing, 0) < 0 || dup2(said, 2) < 0 || (quiet && dup2(nothing, 1) < 0))
        _exit(EXIT_BAD_REQUEST);
    execvp(words[0], (char *const *)words);
    dprintf(2, "%s: %s\n", words[0], strerror(errno));
    _exit(EXIT_BAD_REQUEST);
}

static pid_t start(const char *const words[], bool quiet) {
    pid_t pid = fork();
    if (pid < 0) cannot("start a process");
    if (pid == 0) become(words, quiet);
    return pid;
}

static bool is_readable(int fd) {
    return poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, LOOK_MS) > 0;
}

static bool has_ended(void) {
    return ended = ended || waitpid(program, &status, WNOHANG) == program;
}

/* All of them: since this process adopts orphans, a descendant is its child in the end. */
static size_t our_processes(pid_t pids[PROCESSES_MAX]) {
    char text[4096] = "", *at = text;
    size_t count = 0;
    FILE *children = fopen("/proc/thread-self/children", "re");
    if (children && !fgets(text, sizeof text, children)) text[0] = '\0';
    if (children) fclose(children);
    for (long pid; count < PROCESSES_MAX && (pid = strtol(at, &at, 10)) > 0;) pids[count++] = (pid_t)pid;
    return count;
}

/* The program and Wine's own server: while the one waits for the other, something goes on. */
static bool all_sleep(void) {
    pid_t pids[PROCESSES_MAX];
    for (size_t i = 0, count = our_processes(pids); i < count; i++)
        if (!observe_asleep(pids[i])) return false;
    return true;
}

static _Noreturn void did_not_begin(void) {
    char text[1024];
    FILE *said = fopen(SAID, "re");
    size_t size = said ? fread(text, 1, sizeof text - 1, said) : 0;
    text[size] = '\0';
    bool by_itself = has_ended();
    int code = wine_end(false);
    dprintf(STDERR_FILENO, "%s", text);
    if (by_itself) dprintf(STDERR_FILENO, "\nit ended with exit code %d\n", code);
    evidence_count("wine_began", 0);
    evidence_end();
}

pid_t wine_start(void) {
    const char *path = getenv("C10KATA_PROGRAM");
    char number[8];
    in_port_t port;
    int fd = listener(&port);
    struct wine_event event = {0};
    if (!path) cannot("find C10KATA_PROGRAM in the environment");
    prctl(PR_SET_DUMPABLE, 0);        /* the program runs as the same user: this memory is no file */
    prctl(PR_SET_CHILD_SUBREAPER, 1); /* what Wine starts becomes ours when its parent ends */
    signal(SIGPIPE, SIG_IGN);
    make_prefix();
    snprintf(number, sizeof number, "%u", (unsigned)port);
    program = start((const char *const[]){"wine", path, number, NULL}, false);
    for (int looks = 0; driver < 0 && looks < BEGIN_LOOKS && !has_ended(); looks++)
        if (is_readable(fd)) driver = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
    close(fd);
    if (driver < 0 || wine_await(&event) != WINE_CAME || event.what != WINE_BEGAN) did_not_begin();
    evidence_progress();
    return program;
}

enum wine_wait wine_await(struct wine_event *event) {
    int asleep = 0;
    for (int looks = 0; looks < LOST_LOOKS && asleep < STUCK_LOOKS; looks++) {
        if (is_readable(driver)) {
            bool whole = recv(driver, event, sizeof *event, MSG_WAITALL) == sizeof *event;
            evidence_progress();
            return whole ? WINE_CAME : WINE_GONE;
        }
        asleep = all_sleep() ? asleep + 1 : 0;
    }
    return asleep == STUCK_LOOKS ? WINE_ASLEEP : WINE_BUSY;
}

bool wine_has_told(void) {
    return is_readable(driver);
}

void wine_ask(char what) {
    (void)!send(driver, &what, 1, MSG_NOSIGNAL); /* who has gone is told of by the next wait */
}

static void end_all(void) {
    pid_t pids[PROCESSES_MAX];
    do {
        for (size_t i = 0, count = our_processes(pids); i < count; i++) kill(pids[i], SIGKILL);
    } while (waitpid(-1, NULL, 0) >= 0 || errno != ECHILD);
}

static void look_away(void) {
    nanosleep(&(struct timespec){.tv_nsec = LOOK_MS / 10 * 1000000L}, NULL);
}

int wine_end(bool has_done_all) {
    for (int looks = 0; has_done_all && !has_ended() && looks < 10 * LOST_LOOKS; looks++) look_away();
    if (!has_ended()) kill(program, SIGKILL);
    pid_t keeper = start((const char *const[]){"wineserver", "-k", "-w", NULL}, true);
    while (waitpid(keeper, NULL, 0) < 0 && errno == EINTR) {
    }
    end_all();
    if (driver >= 0) close(driver);
    return ended && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
