/* SPDX-License-Identifier: MIT */
/* windows.h -- what of Windows a server on a completion port needs, where the
 * system has none: the simulated kernel answers these calls. Names, layouts and
 * numbers are those of Microsoft's documentation; DWORD has 32 bits here too. */
#ifndef C10KATA_WINDOWS_H
#define C10KATA_WINDOWS_H

#include <stddef.h>
#include <stdint.h>

typedef uint8_t BYTE;
typedef uint16_t WORD;
typedef uint32_t DWORD, ULONG, UINT;
typedef int32_t LONG, BOOL, INT;
typedef uint64_t ULONGLONG;
typedef uintptr_t ULONG_PTR, DWORD_PTR;
typedef size_t SIZE_T;
typedef void *HANDLE, *PVOID, *LPVOID;
typedef DWORD *LPDWORD;
typedef ULONG *PULONG;
typedef ULONG_PTR *PULONG_PTR;
typedef char CHAR;

#define WINAPI
#define TRUE 1
#define FALSE 0
#define INFINITE 0xffffffffu
#define INVALID_HANDLE_VALUE ((HANDLE)(intptr_t)-1)

typedef struct _OVERLAPPED {
    ULONG_PTR Internal;     /* a status: 0, STATUS_PENDING, or what went wrong */
    ULONG_PTR InternalHigh; /* bytes */
    union {
        struct {
            DWORD Offset, OffsetHigh;
        };
        PVOID Pointer;
    };
    HANDLE hEvent;
} OVERLAPPED, *LPOVERLAPPED;

typedef struct _OVERLAPPED_ENTRY {
    ULONG_PTR lpCompletionKey;
    LPOVERLAPPED lpOverlapped;
    ULONG_PTR Internal;
    DWORD dwNumberOfBytesTransferred;
} OVERLAPPED_ENTRY, *LPOVERLAPPED_ENTRY;

#define STATUS_PENDING 0x103
#define HasOverlappedIoCompleted(overlapped) ((DWORD)(overlapped)->Internal != STATUS_PENDING)
#define CONTAINING_RECORD(address, type, field) ((type *)(void *)((char *)(address) - offsetof(type, field)))
#define ZeroMemory(at, size) __builtin_memset((at), 0, (size))

enum {
    ERROR_SUCCESS = 0,
    ERROR_INVALID_HANDLE = 6,
    ERROR_NOT_ENOUGH_MEMORY = 8,
    ERROR_NETNAME_DELETED = 64,
    ERROR_INVALID_PARAMETER = 87,
    ERROR_SEM_TIMEOUT = 121,
    ERROR_OPERATION_ABORTED = 995,
    ERROR_IO_PENDING = 997,
    ERROR_NOT_FOUND = 1168,
    ERROR_HOST_UNREACHABLE = 1232,
    ERROR_CONNECTION_ABORTED = 1236,
    ERROR_NO_SYSTEM_RESOURCES = 1450,
    WAIT_TIMEOUT = 258,
    HANDLE_FLAG_INHERIT = 1,
    FILE_SKIP_COMPLETION_PORT_ON_SUCCESS = 1,
    FILE_SKIP_SET_EVENT_ON_HANDLE = 2
};

HANDLE CreateIoCompletionPort(HANDLE file, HANDLE port, ULONG_PTR key, DWORD threads);
BOOL GetQueuedCompletionStatus(HANDLE port, LPDWORD bytes, PULONG_PTR key, LPOVERLAPPED *overlapped, DWORD ms);
BOOL GetQueuedCompletionStatusEx(HANDLE port, LPOVERLAPPED_ENTRY entries, ULONG count, PULONG removed, DWORD ms,
                                 BOOL alertable);
BOOL PostQueuedCompletionStatus(HANDLE port, DWORD bytes, ULONG_PTR key, LPOVERLAPPED overlapped);
BOOL SetFileCompletionNotificationModes(HANDLE file, BYTE flags);
BOOL SetHandleInformation(HANDLE, DWORD mask, DWORD flags);
BOOL CancelIoEx(HANDLE file, LPOVERLAPPED overlapped);
BOOL CloseHandle(HANDLE);
DWORD GetLastError(void);
void SetLastError(DWORD);
ULONGLONG GetTickCount64(void);

#endif
