// SPDX-License-Identifier: MIT
/** The checks of 03-epoll-echo. */
