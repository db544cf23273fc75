/* SPDX-License-Identifier: MIT */
/* iocp_errors.c -- the same error by its three numbers. */
#include "iocp.h"

#include <errno.h>

static const struct {
    int error;
    DWORD call, packet;
    uint32_t status;
} known[] = {
    {0, 0, 0, STATUS_OK},
    {ECONNRESET, 10054, ERROR_NETNAME_DELETED, STATUS_CONNECTION_RESET},
    {EPIPE, 10053, ERROR_CONNECTION_ABORTED, STATUS_CONNECTION_ABORTED},
    {ETIMEDOUT, 10060, ERROR_SEM_TIMEOUT, STATUS_IO_TIMEOUT},
    {EHOSTUNREACH, 10065, ERROR_HOST_UNREACHABLE, STATUS_HOST_UNREACHABLE},
    {ECANCELED, ERROR_OPERATION_ABORTED, ERROR_OPERATION_ABORTED, STATUS_CANCELLED},
    {ENOBUFS, 10055, ERROR_NO_SYSTEM_RESOURCES, STATUS_INSUFFICIENT_RESOURCES},
    {ENOMEM, ERROR_NOT_ENOUGH_MEMORY, ERROR_NO_SYSTEM_RESOURCES, STATUS_INSUFFICIENT_RESOURCES},
    {EACCES, 10013, 0, 0},
    {EFAULT, 10014, 0, 0},
    {EINVAL, 10022, 0, 0},
    {EMFILE, 10024, 0, 0},
    {ENFILE, 10024, 0, 0},
    {ENOTSOCK, 10038, 0, 0},
    {ENOPROTOOPT, 10042, 0, 0},
    {EAFNOSUPPORT, 10047, 0, 0},
    {EADDRINUSE, 10048, 0, 0},
    {EADDRNOTAVAIL, 10049, 0, 0},
    {ENOTCONN, 10057, 0, 0},
};
enum { KNOWN = sizeof known / sizeof *known };

static DWORD last_error;

DWORD winsock_error(int error) {
    for (int i = 0; i < KNOWN; i++)
        if (known[i].error == error) return known[i].call;
    return 10022;
}

uint32_t status_of(int error) {
    for (int i = 0; i < KNOWN; i++)
        if (known[i].error == error && known[i].status) return known[i].status;
    return STATUS_CONNECTION_ABORTED;
}

DWORD error_of_status(uint32_t status) {
    for (int i = 0; i < KNOWN; i++)
        if (known[i].status == status) return known[i].packet;
    return 0;
}

int winsock_refuse(DWORD error) {
    last_error = error;
    return -1;
}

BOOL windows_refuse(DWORD error) {
    last_error = error;
    return FALSE;
}

DWORD sim_GetLastError(void);
DWORD sim_GetLastError(void) {
    return last_error;
}

int sim_WSAGetLastError(void);
int sim_WSAGetLastError(void) {
    return (int)last_error;
}

void sim_SetLastError(DWORD error);
void sim_SetLastError(DWORD error) {
    last_error = error;
}

void sim_WSASetLastError(int error);
void sim_WSASetLastError(int error) {
    last_error = (DWORD)error;
}
