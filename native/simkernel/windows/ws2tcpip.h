/* SPDX-License-Identifier: MIT */
/* ws2tcpip.h -- addresses as text. */
#ifndef C10KATA_WS2TCPIP_H
#define C10KATA_WS2TCPIP_H

#include "winsock2.h"

INT inet_pton(INT family, const CHAR *text, PVOID address);

#endif
