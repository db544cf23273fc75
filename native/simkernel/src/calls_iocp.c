/* SPDX-License-Identifier: MIT */
/* calls_iocp.c -- CreateIoCompletionPort and what else is done to ports and handles. */
#include "calls.h"
#include "clock.h"
#include "iocp.h"

#include <errno.h>

static int number(HANDLE handle) {
    return (int)(intptr_t)handle;
}

static bool is_socket(const struct file *file) {
    return file->kind == SOCKET || file->kind == LISTENER || file->kind == STREAM;
}

/* NULL, and the last error. */
static struct file *port_of(HANDLE handle, const char *call) {
    struct file *file = known_file(number(handle), call);
    if (file->kind == PORT) return file;
    windows_refuse(ERROR_INVALID_HANDLE);
    return NULL;
}

/* A port of the program's own. No child inherits it. */
static HANDLE new_port(void) {
    int fd = descriptor_new(file_new(PORT), "CreateIoCompletionPort", true);
    if (fd < 0) windows_refuse(ERROR_NO_SYSTEM_RESOURCES);
    return fd < 0 ? NULL : (HANDLE)(intptr_t)fd;
}

static bool refused(const struct file *file) {
    if (file->kind != STREAM || !world_faults.refused_watches || !world_one_in(world_faults.refused_watches))
        return false;
    world_refused_memory++;
    return true;
}

/* For good: a socket has one port, as long as it lives. */
static HANDLE associate(HANDLE handle, HANDLE port, ULONG_PTR key) {
    struct file *file = known_file(number(handle), "CreateIoCompletionPort");
    struct file *target = port_of(port, "CreateIoCompletionPort");
    struct winsock *w = winsock_of(number(handle));
    if (!target) return NULL;
    bool wrong = !is_socket(file) || !w->overlapped || w->port;
    if (wrong || refused(file) || made_to_fail("CreateIoCompletionPort")) {
        windows_refuse(wrong ? ERROR_INVALID_PARAMETER : ERROR_NO_SYSTEM_RESOURCES);
        return NULL;
    }
    w->port = target, w->key = key;
    return port;
}

HANDLE sim_CreateIoCompletionPort(HANDLE file, HANDLE port, ULONG_PTR key, DWORD threads);
HANDLE sim_CreateIoCompletionPort(HANDLE file, HANDLE port, ULONG_PTR key, DWORD threads) {
    (void)threads;
    call_begin("CreateIoCompletionPort", CALLER());
    HANDLE made = port ? port : new_port();
    if (made && file != INVALID_HANDLE_VALUE) made = associate(file, made, key);
    call_end(made ? number(made) : (errno = EINVAL, -1), "CreateIoCompletionPort(%d, %d)", number(file), number(port));
    return made;
}

static ULONG take(struct file *port, OVERLAPPED_ENTRY *entries, ULONG most, DWORD ms) {
    uint64_t deadline = ms == INFINITE ? NEVER : clock_now + (uint64_t)ms * NS_PER_MS;
    if (!port_wait(port, deadline)) return 0;
    ULONG taken = 0;
    while (taken < most && (taken == 0 || !world_one_in(8)) && port_take(port, &entries[taken])) taken++;
    world_hooks.moved(NULL, 0, false);
    return taken;
}

BOOL sim_GetQueuedCompletionStatusEx(HANDLE port, LPOVERLAPPED_ENTRY entries, ULONG count, PULONG removed, DWORD ms,
                                     BOOL alertable);
BOOL sim_GetQueuedCompletionStatusEx(HANDLE port, LPOVERLAPPED_ENTRY entries, ULONG count, PULONG removed, DWORD ms,
                                     BOOL alertable) {
    call_begin("GetQueuedCompletionStatusEx", CALLER());
    if (alertable) not_modelled("GetQueuedCompletionStatusEx", "an alertable wait");
    struct file *file = port_of(port, "GetQueuedCompletionStatusEx");
    if (!file || count == 0) return call_end((errno = EINVAL, -1), "GetQueuedCompletionStatusEx()"), FALSE;
    *removed = take(file, entries, count, ms);
    if (*removed == 0) windows_refuse(WAIT_TIMEOUT);
    call_end((long)*removed, "GetQueuedCompletionStatusEx(%d, %u)", number(port), count);
    return *removed > 0;
}

BOOL sim_GetQueuedCompletionStatus(HANDLE port, LPDWORD bytes, PULONG_PTR key, LPOVERLAPPED *overlapped, DWORD ms);
BOOL sim_GetQueuedCompletionStatus(HANDLE port, LPDWORD bytes, PULONG_PTR key, LPOVERLAPPED *overlapped, DWORD ms) {
    call_begin("GetQueuedCompletionStatus", CALLER());
    struct file *file = port_of(port, "GetQueuedCompletionStatus");
    OVERLAPPED_ENTRY entry = {0};
    *overlapped = NULL;
    if (!file) return call_end((errno = EINVAL, -1), "GetQueuedCompletionStatus()"), FALSE;
    bool got = take(file, &entry, 1, ms) == 1;
    if (got) *bytes = entry.dwNumberOfBytesTransferred, *key = entry.lpCompletionKey, *overlapped = entry.lpOverlapped;
    call_end(got ? (long)entry.dwNumberOfBytesTransferred : (errno = ETIMEDOUT, -1), "GetQueuedCompletionStatus(%d)",
             number(port));
    if (!got) return windows_refuse(WAIT_TIMEOUT);
    return entry.Internal ? windows_refuse(error_of_status((uint32_t)entry.Internal)) : TRUE;
}

BOOL sim_PostQueuedCompletionStatus(HANDLE port, DWORD bytes, ULONG_PTR key, LPOVERLAPPED overlapped);
BOOL sim_PostQueuedCompletionStatus(HANDLE port, DWORD bytes, ULONG_PTR key, LPOVERLAPPED overlapped) {
    call_begin("PostQueuedCompletionStatus", CALLER());
    struct file *file = port_of(port, "PostQueuedCompletionStatus");
    bool posted = file && port_post(file, NULL, (OVERLAPPED_ENTRY){key, overlapped, 0, bytes});
    call_end(posted ? 0 : (errno = EINVAL, -1), "PostQueuedCompletionStatus(%d)", number(port));
    if (file && !posted) windows_refuse(ERROR_NO_SYSTEM_RESOURCES);
    return posted;
}

BOOL sim_SetFileCompletionNotificationModes(HANDLE file, BYTE flags);
BOOL sim_SetFileCompletionNotificationModes(HANDLE file, BYTE flags) {
    call_begin("SetFileCompletionNotificationModes", CALLER());
    struct winsock *w = winsock_of(number(file));
    bool good = is_socket(known_file(number(file), "SetFileCompletionNotificationModes")) && flags < 4;
    if (good) w->skips_success |= flags & FILE_SKIP_COMPLETION_PORT_ON_SUCCESS;
    call_end(good ? 0 : (errno = EINVAL, -1), "SetFileCompletionNotificationModes(%d, %u)", number(file), flags);
    return good ? TRUE : windows_refuse(ERROR_INVALID_PARAMETER);
}

BOOL sim_SetHandleInformation(HANDLE handle, DWORD mask, DWORD flags);
BOOL sim_SetHandleInformation(HANDLE handle, DWORD mask, DWORD flags) {
    call_begin("SetHandleInformation", CALLER());
    known_file(number(handle), "SetHandleInformation");
    if (mask != HANDLE_FLAG_INHERIT) not_modelled("SetHandleInformation", "any flag but HANDLE_FLAG_INHERIT");
    descriptor_close_on_exec(number(handle), !(flags & HANDLE_FLAG_INHERIT));
    call_end(0, "SetHandleInformation(%d)", number(handle));
    return TRUE;
}

BOOL sim_CancelIoEx(HANDLE file, LPOVERLAPPED overlapped);
BOOL sim_CancelIoEx(HANDLE file, LPOVERLAPPED overlapped) {
    call_begin("CancelIoEx", CALLER());
    known_file(number(file), "CancelIoEx");
    int count = requests_cancel(number(file), overlapped);
    call_end(count > 0 ? count : (errno = ENOENT, -1), "CancelIoEx(%d)", number(file));
    return count > 0 ? TRUE : windows_refuse(ERROR_NOT_FOUND);
}

BOOL sim_CloseHandle(HANDLE handle);
BOOL sim_CloseHandle(HANDLE handle) {
    call_begin("CloseHandle", CALLER());
    bool port = port_of(handle, "CloseHandle") != NULL;
    if (port) close_one(number(handle));
    call_end(port ? 0 : (errno = EINVAL, -1), "CloseHandle(%d)", number(handle));
    return port;
}

ULONGLONG sim_GetTickCount64(void);
ULONGLONG sim_GetTickCount64(void) {
    return world_now_ms();
}
