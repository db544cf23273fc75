/* SPDX-License-Identifier: MIT */
/* calls_overlapped.c -- AcceptEx, WSARecv and WSASend as calls: what they refuse,
 * and what they answer when a request completes at once. */
#include "calls.h"
#include "iocp.h"

#include <errno.h>
#include <string.h>

enum { ADDRESS_SIZE_MIN = 32 }; /* of a struct sockaddr_in, and 16 more */
#define EXTENSION_POINTER 0xc8000006u

/* WSABUF. */
struct buffer {
    ULONG size;
    char *at;
};

static const struct world_rule guarded = {"guarded", "bytes are received from connections and sent to connections",
                                          "which handle is this?"};

static int refuse(int error) {
    errno = error;
    return -1;
}

static bool refused(void) {
    if (!world_faults.refused_watches || !world_one_in(world_faults.refused_watches)) return false;
    world_refused_memory++;
    errno = ENOBUFS;
    return true;
}

/* It has completed within its call. A failure is told by the call alone, or by a packet; success always by a packet,
 * unless the program has asked for none. 0, or -1 with errno; EINPROGRESS: the packet tells. */
static int completed(struct request *r, DWORD *bytes) {
    uint32_t status = (uint32_t)r->overlapped->Internal;
    bool at_once = !world_faults.later || world_choose(3) < 2;
    if (bytes && at_once) *bytes = (DWORD)r->overlapped->InternalHigh;
    r->in_call = false;
    if (at_once && (status || winsock_of(r->fd)->skips_success))
        request_free(r);
    else
        request_tell(r);
    if (!at_once) return refuse(EINPROGRESS);
    if (status == STATUS_CONNECTION_RESET) return refuse(ECONNRESET);
    if (status == STATUS_INSUFFICIENT_RESOURCES) return refuse(ENOBUFS);
    return status ? refuse(EPIPE) : 0;
}

static int begin(enum request_kind kind, int fd, int accepted, OVERLAPPED *overlapped, const struct iovec *parts,
                 int count, DWORD *bytes) {
    if (overlapped->hEvent)
        not_modelled(request_name(kind), "an event in hEvent, or an OVERLAPPED that was not set to 0");
    struct request *r = request_new(kind, fd, overlapped, parts, count);
    r->accepted = accepted, r->woken = true;
    if (world_faults.later && world_one_in(world_faults.later)) return refuse(EINPROGRESS);
    r->in_call = true, r->woken = false;
    for (const struct request *o = requests; o < requests_end; o++)
        if (o->used && !o->over && o != r && o->file == r->file && o->kind == kind)
            return r->in_call = false, refuse(EINPROGRESS);
    request_run(r);
    if (r->over) return completed(r, bytes);
    r->in_call = false;
    return refuse(EINPROGRESS);
}

static DWORD error_now(void) {
    return errno == EINPROGRESS ? ERROR_IO_PENDING : winsock_error(errno);
}

static int gather(const char *name, const struct buffer *buffers, DWORD count, struct iovec *parts) {
    if (!buffers || count == 0) return refuse(EINVAL);
    if (count > PARTS_MAX) not_modelled(name, "more than 16 buffers");
    for (DWORD i = 0; i < count; i++) parts[i] = (struct iovec){buffers[i].at, buffers[i].size};
    return (int)count;
}

static int transfer(enum request_kind kind, uintptr_t s, const struct buffer *buffers, DWORD count, DWORD *bytes,
                    OVERLAPPED *overlapped) {
    const char *name = request_name(kind);
    struct iovec parts[PARTS_MAX];
    struct file *file = known_file((int)s, name);
    if (descriptor_guard((int)s)) world_fail(&guarded, "%s(%d) is about %s", name, (int)s, descriptor_guard((int)s));
    if (file->kind == SOCKET) return refuse(ENOTCONN);
    if (file->kind != STREAM) return refuse(ENOTSOCK);
    if (!overlapped) would_block(name, (int)s);
    int number = gather(name, buffers, count, parts);
    if (number < 0 || (kind == WSA_RECV && refused())) return -1;
    return begin(kind, (int)s, -1, overlapped, parts, number, bytes);
}

static int answered(int result, const char *name, uintptr_t s, size_t size) {
    call_end(result, "%s(%d, %zu)", name, (int)s, size);
    return result < 0 ? winsock_refuse(error_now()) : 0;
}

static size_t total(const struct buffer *buffers, DWORD count) {
    size_t size = 0;
    for (DWORD i = 0; buffers && i < count; i++) size += buffers[i].size;
    return size;
}

int sim_WSARecv(uintptr_t s, struct buffer *buffers, DWORD count, DWORD *received, DWORD *flags, OVERLAPPED *overlapped,
                void *routine);
int sim_WSARecv(uintptr_t s, struct buffer *buffers, DWORD count, DWORD *received, DWORD *flags, OVERLAPPED *overlapped,
                void *routine) {
    call_begin("WSARecv", CALLER());
    if (routine) not_modelled("WSARecv", "a completion routine");
    if (flags && *flags) not_modelled("WSARecv", "a flag");
    int result = flags ? transfer(WSA_RECV, s, buffers, count, received, overlapped) : refuse(EFAULT);
    return answered(result, "WSARecv", s, total(buffers, count));
}

int sim_WSASend(uintptr_t s, struct buffer *buffers, DWORD count, DWORD *sent, DWORD flags, OVERLAPPED *overlapped,
                void *routine);
int sim_WSASend(uintptr_t s, struct buffer *buffers, DWORD count, DWORD *sent, DWORD flags, OVERLAPPED *overlapped,
                void *routine) {
    call_begin("WSASend", CALLER());
    if (routine) not_modelled("WSASend", "a completion routine");
    if (flags) not_modelled("WSASend", "a flag");
    return answered(transfer(WSA_SEND, s, buffers, count, sent, overlapped), "WSASend", s, total(buffers, count));
}

static bool accepts_already(int fd) {
    for (const struct request *r = requests; r < requests_end; r++)
        if (r->used && !r->over && r->accepted == fd) return true;
    return false;
}

static int accept_later(uintptr_t listener, uintptr_t s, void *out, DWORD receive_size, DWORD local_size,
                        DWORD remote_size, OVERLAPPED *overlapped) {
    struct file *from = known_file((int)listener, "AcceptEx"), *to = known_file((int)s, "AcceptEx");
    if (receive_size > 0) not_modelled("AcceptEx", "a first receive (dwReceiveDataLength above 0)");
    if (from->kind != LISTENER || to->kind != SOCKET || to->socket.bound || accepts_already((int)s))
        return refuse(EINVAL);
    if (!out || !overlapped || local_size < ADDRESS_SIZE_MIN || remote_size < ADDRESS_SIZE_MIN) return refuse(EFAULT);
    struct iovec part = {out, local_size + remote_size};
    return begin(ACCEPT_EX, (int)listener, (int)s, overlapped, &part, 1, NULL);
}

BOOL sim_AcceptEx(uintptr_t listener, uintptr_t s, void *out, DWORD receive_size, DWORD local_size, DWORD remote_size,
                  DWORD *received, OVERLAPPED *overlapped);
BOOL sim_AcceptEx(uintptr_t listener, uintptr_t s, void *out, DWORD receive_size, DWORD local_size, DWORD remote_size,
                  DWORD *received, OVERLAPPED *overlapped) {
    (void)received;
    call_begin("AcceptEx", CALLER());
    int result = accept_later(listener, s, out, receive_size, local_size, remote_size, overlapped);
    call_end(result, "AcceptEx(%d, %d)", (int)listener, (int)s);
    return result < 0 ? windows_refuse(error_now()) : TRUE;
}

/* Of all extensions AcceptEx alone is known. */
int sim_WSAIoctl(uintptr_t s, DWORD code, void *in, DWORD in_size, void *out, DWORD out_size, DWORD *returned,
                 OVERLAPPED *overlapped, void *routine);
int sim_WSAIoctl(uintptr_t s, DWORD code, void *in, DWORD in_size, void *out, DWORD out_size, DWORD *returned,
                 OVERLAPPED *overlapped, void *routine) {
    static const uint32_t accept_ex = 0xb5367df1u;
    BOOL (*found)(uintptr_t, uintptr_t, void *, DWORD, DWORD, DWORD, DWORD *, OVERLAPPED *) = sim_AcceptEx;
    call_begin("WSAIoctl", CALLER());
    bool known = code == EXTENSION_POINTER && in && in_size >= 16 && memcmp(in, &accept_ex, sizeof accept_ex) == 0;
    if (overlapped || routine || !known) not_modelled("WSAIoctl", "anything but the address of AcceptEx");
    known_file((int)s, "WSAIoctl");
    int result = made_to_fail("WSAIoctl") ? -1 : !out || out_size < sizeof found || !returned ? refuse(EFAULT) : 0;
    call_end(result, "WSAIoctl(%d)", (int)s);
    if (result < 0) return winsock_refuse(error_now());
    memcpy(out, &found, sizeof found), *returned = sizeof found;
    return 0;
}
