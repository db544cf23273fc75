/* SPDX-License-Identifier: MIT */
/* main.c -- the program's door on Windows: `program PORT`, where the driver listens.
 *
 * What the learner's code prints goes to standard output, at once: standard error
 * has Wine's own words. A crash is told by whoever crashes, and ends the program. */
#include <winsock2.h>

#include <io.h>
#include <stdio.h>
#include <stdlib.h>

#include "wine.h"

enum { EXIT_CRASHED = 70, EXIT_NO_DRIVER = 71, FRAMES_MAX = 64, STACK_FOR_THE_CRASH = 64 * 1024 };

static SOCKET driver = INVALID_SOCKET;

void wine_tell(uint32_t what, uint32_t number, uint64_t more) {
    struct wine_event event = {what, number, more};
    send(driver, (const char *)&event, sizeof event, 0); /* a driver that is gone ends all of us */
}

bool wine_asked(char *what) {
    return recv(driver, what, 1, 0) == 1;
}

/* libgcc's, by which a function with a large frame meets the end of the stack. */
void ___chkstk_ms(void);
enum { PROBE_BYTES = 64 };

/* This program's own code, not a library's. */
static bool is_ours(DWORD64 at) {
    HMODULE module = NULL;
    DWORD how = GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT;
    if (at - (DWORD64)___chkstk_ms < PROBE_BYTES) return false;
    return GetModuleHandleExW(how, (LPCWSTR)at, &module) && module == GetModuleHandleW(NULL);
}

/* The innermost place of ours: a crash in a library began there. A return address is one further. */
static DWORD64 place_of(CONTEXT at) {
    for (int frame = 0; frame < FRAMES_MAX && at.Rip != 0; frame++) {
        if (is_ours(at.Rip)) return at.Rip - (frame > 0);
        DWORD64 base, establisher;
        void *data;
        RUNTIME_FUNCTION *function = RtlLookupFunctionEntry(at.Rip, &base, NULL);
        if (function)
            RtlVirtualUnwind(UNW_FLAG_NHANDLER, base, at.Rip, function, &at, &data, &establisher, NULL);
        else
            at.Rip = *(const DWORD64 *)at.Rsp, at.Rsp += sizeof(DWORD64); /* a function that calls nothing */
    }
    return 0;
}

static LONG WINAPI tell_crash(EXCEPTION_POINTERS *crash) {
    wine_tell(WINE_CRASHED, crash->ExceptionRecord->ExceptionCode, place_of(*crash->ContextRecord));
    TerminateProcess(GetCurrentProcess(), EXIT_CRASHED);
    return EXCEPTION_EXECUTE_HANDLER;
}

static bool meets_driver(const char *port) {
    WSADATA ignored;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((u_short)atoi(port))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (WSAStartup(MAKEWORD(2, 2), &ignored) != 0) return false;
    driver = socket(AF_INET, SOCK_STREAM, 0);
    return driver != INVALID_SOCKET && connect(driver, (struct sockaddr *)&address, sizeof address) == 0;
}

int main(int argc, char **argv) {
    ULONG stack = STACK_FOR_THE_CRASH;
    if (argc != 2 || !meets_driver(argv[1])) return EXIT_NO_DRIVER;
    _dup2(1, 2);
    setvbuf(stdout, NULL, _IONBF, 0);
    setvbuf(stderr, NULL, _IONBF, 0);
    SetUnhandledExceptionFilter(tell_crash);
    SetThreadStackGuarantee(&stack);
    wine_tell(WINE_BEGAN, 0, 0);
    windows_program();
    return 0;
}
