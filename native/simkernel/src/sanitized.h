/* SPDX-License-Identifier: MIT */
/* sanitized.h -- whether this build has AddressSanitizer. */
#ifndef SANITIZED_H
#define SANITIZED_H

/* AddressSanitizer watches memory, and reports crashes: its report says more. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#endif
