/* SPDX-License-Identifier: MIT */
/* mswsock.h -- AcceptEx. Its address comes from WSAIoctl, or it is called by its name. */
#ifndef C10KATA_MSWSOCK_H
#define C10KATA_MSWSOCK_H

#include "winsock2.h"

#define SO_UPDATE_ACCEPT_CONTEXT 0x700b
#define WSAID_ACCEPTEX {0xb5367df1, 0xcbac, 0x11cf, {0x95, 0xca, 0x00, 0x80, 0x5f, 0x48, 0xa1, 0x92}}

typedef BOOL (*LPFN_ACCEPTEX)(SOCKET listener, SOCKET accepted, PVOID out, DWORD receive_size, DWORD local_size,
                              DWORD remote_size, LPDWORD received, LPOVERLAPPED);
BOOL AcceptEx(SOCKET listener, SOCKET accepted, PVOID out, DWORD receive_size, DWORD local_size, DWORD remote_size,
              LPDWORD received, LPOVERLAPPED);

#endif
