/* SPDX-License-Identifier: MIT
 *
 * load.c -- loading, and where the subject's memory lies. */
#include "load.h"

#include "imports.h"
#include "subject.h"
#include "symbols.h"
#include "world.h"

#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void note_segment(const ElfW(Phdr) * segment, uintptr_t base) {
    uintptr_t start = base + segment->p_vaddr, end = start + segment->p_memsz;
    if (segment->p_type == PT_TLS) {
        subject.tls_image = (const char *)start;
        subject.tls_image_size = segment->p_filesz;
        subject.tls_size = segment->p_memsz;
    }
    if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_W)) return;
    if (!subject.writable_start || start < subject.writable_start) subject.writable_start = start & ~(uintptr_t)15;
    if (end > subject.writable_end) subject.writable_end = end;
}

static int note_object(struct dl_phdr_info *object, size_t size, void *unused) {
    (void)size, (void)unused;
    if (object->dlpi_addr != subject.base) return 0;
    for (int i = 0; i < object->dlpi_phnum; i++) note_segment(&object->dlpi_phdr[i], subject.base);
    return 1;
}

/* The program that this variable is in. */
static int note_explorer(struct dl_phdr_info *object, size_t size, void *unused) {
    (void)size, (void)unused;
    uintptr_t start = UINTPTR_MAX, end = 0;
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        uintptr_t at = object->dlpi_addr + segment->p_vaddr;
        if (segment->p_type != PT_LOAD) continue;
        if (at < start) start = at;
        if (at + segment->p_memsz > end) end = at + segment->p_memsz;
    }
    if ((uintptr_t)&subject < start || (uintptr_t)&subject >= end) return 0;
    subject.explorer = (struct region){start, end - start};
    return 1;
}

static void note_calls(void) {
    static const char *const tables[] = {".got", ".got.plt"};
    for (int i = 0; i < 2; i++) {
        struct region *calls = &subject.calls[i];
        calls->size_bytes = symbols_section(tables[i], &calls->start);
        calls->start += subject.base;
    }
}

/* The symbol in "...: undefined symbol: NAME". */
static bool explain(char *problem, size_t size) {
    const char *error = dlerror();
    const char *symbol = error ? strstr(error, "undefined symbol: ") : NULL;
    if (symbol)
        snprintf(problem, size, "%.*s", (int)strcspn(symbol + 18, " \n("), symbol + 18);
    else
        snprintf(problem, size, "%s", error ? error : "cannot be loaded");
    return symbol != NULL;
}

bool load_subject(const char *path, char *problem, size_t size, bool *unknown) {
    char full[4096];
    *unknown = false;
    if (!realpath(path, full)) {
        snprintf(problem, size, "no such file: %s", path);
        return false;
    }
    subject.path = path;
    subject.handle = dlopen(full, RTLD_LAZY | RTLD_LOCAL);
    if (!subject.handle) {
        *unknown = explain(problem, size);
        return false;
    }
    struct link_map *map;
    dlinfo(subject.handle, RTLD_DI_LINKMAP, &map);
    subject.base = map->l_addr;
    dl_iterate_phdr(note_object, NULL);
    dl_iterate_phdr(note_explorer, NULL);
    note_calls();
    subject.quiet_size = symbols_section("explore_quiet", &subject.quiet_start);
    if (subject.tls_size > TLS_SIZE) {
        snprintf(problem, size, "more than %d bytes of thread-local variables", TLS_SIZE);
        return false;
    }
    *unknown = !imports_bind(map, problem, size);
    if (*unknown) return false;
    subject_keep();
    return true;
}
