/* SPDX-License-Identifier: MIT */
/* winsock2.h -- sockets as Windows has them, beside windows.h. Linux has calls of
 * some of these names, which mean something else: so those are asked for by others. */
#ifndef C10KATA_WINSOCK2_H
#define C10KATA_WINSOCK2_H

#include "windows.h"

#define WINSOCK(name) __asm__("winsock_" #name)

typedef ULONG_PTR SOCKET;
typedef unsigned int GROUP;
typedef unsigned short u_short;

#define INVALID_SOCKET (~(SOCKET)0)
#define SOCKET_ERROR (-1)

struct in_addr {
    union {
        uint32_t s_addr;
    };
};
typedef struct in_addr IN_ADDR;
struct sockaddr {
    u_short sa_family;
    CHAR sa_data[14];
};
typedef struct sockaddr SOCKADDR;
struct sockaddr_in {
    short sin_family;
    u_short sin_port;
    struct in_addr sin_addr;
    CHAR sin_zero[8];
};
typedef struct sockaddr_in SOCKADDR_IN;
struct linger {
    u_short l_onoff, l_linger;
};

typedef struct _WSABUF {
    ULONG len;
    CHAR *buf;
} WSABUF, *LPWSABUF;

typedef OVERLAPPED WSAOVERLAPPED, *LPWSAOVERLAPPED;
typedef void (*LPWSAOVERLAPPED_COMPLETION_ROUTINE)(DWORD error, DWORD bytes, LPWSAOVERLAPPED, DWORD flags);
typedef struct _GUID {
    uint32_t Data1;
    uint16_t Data2, Data3;
    uint8_t Data4[8];
} GUID;

enum {
    AF_INET = 2,
    SOCK_STREAM = 1,
    IPPROTO_TCP = 6,
    TCP_NODELAY = 1,
    SOL_SOCKET = 0xffff,
    SO_REUSEADDR = 4,
    SO_EXCLUSIVEADDRUSE = ~SO_REUSEADDR,
    SO_KEEPALIVE = 8,
    SO_LINGER = 0x80,
    SO_SNDBUF = 0x1001,
    SO_RCVBUF = 0x1002,
    SOMAXCONN = 0x7fffffff,
    SD_RECEIVE = 0,
    SD_SEND = 1,
    SD_BOTH = 2,
    WSA_FLAG_OVERLAPPED = 1,
    WSA_FLAG_NO_HANDLE_INHERIT = 0x80
};

#define INADDR_ANY 0u
#define INADDR_LOOPBACK 0x7f000001u
#define INADDR_NONE 0xffffffffu
#define SIO_GET_EXTENSION_FUNCTION_POINTER 0xc8000006u

enum {
    WSA_NOT_ENOUGH_MEMORY = ERROR_NOT_ENOUGH_MEMORY,
    WSA_OPERATION_ABORTED = ERROR_OPERATION_ABORTED,
    WSA_IO_PENDING = ERROR_IO_PENDING,
    WSAEACCES = 10013,
    WSAEFAULT = 10014,
    WSAEINVAL = 10022,
    WSAEMFILE = 10024,
    WSAENOTSOCK = 10038,
    WSAENOPROTOOPT = 10042,
    WSAEOPNOTSUPP = 10045,
    WSAEAFNOSUPPORT = 10047,
    WSAEADDRINUSE = 10048,
    WSAEADDRNOTAVAIL = 10049,
    WSAECONNABORTED = 10053,
    WSAECONNRESET = 10054,
    WSAENOBUFS = 10055,
    WSAENOTCONN = 10057,
    WSAESHUTDOWN = 10058,
    WSAETIMEDOUT = 10060,
    WSAEHOSTUNREACH = 10065
};

int WSAGetLastError(void);
void WSASetLastError(int error);
SOCKET WSASocketW(int family, int type, int protocol, void *info, GROUP, DWORD flags);
SOCKET socket(int family, int type, int protocol) WINSOCK(socket);
int bind(SOCKET, const struct sockaddr *, int size) WINSOCK(bind);
int listen(SOCKET, int backlog) WINSOCK(listen);
int getsockname(SOCKET, struct sockaddr *, int *size) WINSOCK(getsockname);
int setsockopt(SOCKET, int level, int name, const char *value, int size) WINSOCK(setsockopt);
int shutdown(SOCKET, int how) WINSOCK(shutdown);
int closesocket(SOCKET);
int WSAIoctl(SOCKET, DWORD code, LPVOID in, DWORD in_size, LPVOID out, DWORD out_size, LPDWORD returned,
             LPWSAOVERLAPPED, LPWSAOVERLAPPED_COMPLETION_ROUTINE);
int WSARecv(SOCKET, LPWSABUF, DWORD count, LPDWORD received, LPDWORD flags, LPWSAOVERLAPPED,
            LPWSAOVERLAPPED_COMPLETION_ROUTINE);
int WSASend(SOCKET, LPWSABUF, DWORD count, LPDWORD sent, DWORD flags, LPWSAOVERLAPPED,
            LPWSAOVERLAPPED_COMPLETION_ROUTINE);
uint32_t htonl(uint32_t), ntohl(uint32_t);
uint16_t htons(uint16_t), ntohs(uint16_t);

#endif
