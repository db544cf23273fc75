/* SPDX-License-Identifier: MIT
 *
 * subject.c -- the snapshot that makes every execution start alike. */
#include "subject.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

struct subject subject;
uintptr_t caller_frame;

static char *snapshot;

void subject_keep(void) {
    size_t writable = subject.writable_end - subject.writable_start;
    snapshot = malloc(writable);
    memcpy(snapshot, (void *)subject.writable_start, writable);
}

void subject_restore(void) {
    memcpy((void *)subject.writable_start, snapshot, subject.writable_end - subject.writable_start);
}

void subject_init_tls(char *block) {
    memcpy(block, subject.tls_image, subject.tls_image_size);
    memset(block + subject.tls_image_size, 0, subject.tls_size - subject.tls_image_size);
}

void *subject_symbol(const char *name) {
    return dlsym(subject.handle, name);
}
