/* SPDX-License-Identifier: MIT */
/* filter.c -- a seccomp filter, by hand: what it refuses is a list, and a library
 * for three kinds of comparison would have to be installed everywhere.
 *
 * Namespaces already hide files, processes and the network. Refused is what they
 * do not cover (keyrings, sockets of virtual machines), what reaches into another
 * process, and what much of the kernel's younger code stands behind. The kernel
 * remembers which calls are always allowed: those cost nothing. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "box.h"

#if defined(__x86_64__)
#define OUR_ARCH AUDIT_ARCH_X86_64
#define FOREIGN_BIT 0x40000000u /* x32 calls have it, and numbers of their own */
#elif defined(__aarch64__)
#define OUR_ARCH AUDIT_ARCH_AARCH64
#define FOREIGN_BIT 0x80000000u
#else
#error "the numbers of another architecture's calls are not looked up yet"
#endif

#ifndef SECCOMP_FILTER_FLAG_SPEC_ALLOW
#define SECCOMP_FILTER_FLAG_SPEC_ALLOW 4
#endif
#ifndef SYS_quotactl_fd
#define SYS_quotactl_fd 443
#endif

static const int refused[] = {
    /* other views of files */
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_open_tree,
    SYS_move_mount,
    SYS_fsopen,
    SYS_fsconfig,
    SYS_fsmount,
    SYS_fspick,
    SYS_mount_setattr,
    SYS_name_to_handle_at,
    SYS_open_by_handle_at,
    SYS_quotactl,
    SYS_quotactl_fd,
    SYS_fanotify_init,
    SYS_swapon,
    SYS_swapoff,
    SYS_acct,
    /* other namespaces */
    SYS_unshare,
    SYS_setns,
    /* what namespaces do not divide */
    SYS_add_key,
    SYS_request_key,
    SYS_keyctl,
    SYS_syslog,
    /* another process's memory and descriptors */
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_pidfd_getfd,
    SYS_kcmp,
    /* programs and tables for the kernel itself */
    SYS_bpf,
    SYS_perf_event_open,
    SYS_userfaultfd,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_kexec_load,
    SYS_reboot,
#ifdef SYS_kexec_file_load
    SYS_kexec_file_load,
#endif
#ifdef SYS_iopl
    SYS_iopl,
    SYS_ioperm,
    SYS_modify_ldt,
#endif
};

/* Operations of a ring pass no filter: what they do is bounded by the namespaces alone. */
static const int of_rings[] = {SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register};

enum { LENGTH_MAX = 256 };

struct program {
    struct sock_filter steps[LENGTH_MAX];
    unsigned short length;
};

static void add(struct program *p, struct sock_filter step) {
    p->steps[p->length++] = step;
}

static void load(struct program *p, size_t offset) {
    add(p, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

/* The next `steps` are for this outcome of the comparison alone. */
static void when(struct program *p, unsigned short comparison, uint32_t value, unsigned char steps) {
    add(p, (struct sock_filter)BPF_JUMP(BPF_JMP | comparison | BPF_K, value, 0, steps));
}

static void answer(struct program *p, uint32_t action) {
    add(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action));
}

static void refuse(struct program *p, int error) {
    answer(p, SECCOMP_RET_ERRNO | (uint32_t)error);
}

/* The lower half of an argument. */
static size_t argument(int number) {
    return offsetof(struct seccomp_data, args) + sizeof(uint64_t) * (size_t)number;
}

static void refuse_foreign_calls(struct program *p) {
    load(p, offsetof(struct seccomp_data, arch));
    add(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCH, 1, 0));
    answer(p, SECCOMP_RET_KILL_PROCESS);
    load(p, offsetof(struct seccomp_data, nr));
    when(p, BPF_JSET, FOREIGN_BIT, 1);
    refuse(p, ENOSYS);
}

/* Threads and processes, and no namespaces. clone3's flags lie in memory, which a
 * filter cannot read; the C library then asks clone. */
static void divide_clone(struct program *p) {
    const uint32_t namespaces =
        CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
    when(p, BPF_JEQ, SYS_clone3, 1);
    refuse(p, ENOSYS);
    when(p, BPF_JEQ, SYS_clone, 4);
    load(p, argument(0));
    when(p, BPF_JSET, namespaces, 1);
    refuse(p, EPERM);
    answer(p, SECCOMP_RET_ALLOW);
}

static void divide_socket(struct program *p) {
    const uint32_t families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
    const unsigned char count = sizeof families / sizeof *families;
    when(p, BPF_JEQ, SYS_socket, 2 * count + 2);
    load(p, argument(0));
    for (unsigned char i = 0; i < count; i++) {
        when(p, BPF_JEQ, families[i], 1);
        answer(p, SECCOMP_RET_ALLOW);
    }
    refuse(p, EAFNOSUPPORT);
}

/* Typing into the grader's terminal. */
static void divide_ioctl(struct program *p) {
    const uint32_t tioclinux = 0x541c;
    when(p, BPF_JEQ, SYS_ioctl, 6);
    load(p, argument(1));
    when(p, BPF_JEQ, TIOCSTI, 1);
    refuse(p, EPERM);
    when(p, BPF_JEQ, tioclinux, 1);
    refuse(p, EPERM);
    answer(p, SECCOMP_RET_ALLOW);
}

static void refuse_all(struct program *p, const int *calls, size_t count) {
    for (size_t i = 0; i < count; i++) {
        when(p, BPF_JEQ, (uint32_t)calls[i], 1);
        refuse(p, EPERM);
    }
}

bool filter_load(bool traces, bool rings) {
    struct program p = {.length = 0};
    refuse_foreign_calls(&p);
    divide_clone(&p);
    divide_socket(&p);
    divide_ioctl(&p);
    refuse_all(&p, refused, sizeof refused / sizeof *refused);
    if (!rings) refuse_all(&p, of_rings, sizeof of_rings / sizeof *of_rings);
    if (!traces) {
        when(&p, BPF_JEQ, SYS_ptrace, 1);
        refuse(&p, EPERM);
    }
    answer(&p, SECCOMP_RET_ALLOW);
    struct sock_fprog filter = {.len = p.length, .filter = p.steps};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
    /* Older kernels otherwise slow the whole process down, and every figure with it. */
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &filter) == 0;
}
