/* SPDX-License-Identifier: MIT
 *
 * imports.c -- walks the subject's ELF relocations and binds each one that names a symbol.
 *
 * The subject is linked with -z norelro, so its tables stay writable; shadow.c keeps the subject itself from it. */
#include "imports.h"

#include "models.h"

#include <dlfcn.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#if defined(__x86_64__)
static bool binds_address(uint64_t type) {
    return type == R_X86_64_JUMP_SLOT || type == R_X86_64_GLOB_DAT || type == R_X86_64_64;
}
#elif defined(__aarch64__)
static bool binds_address(uint64_t type) {
    return type == R_AARCH64_JUMP_SLOT || type == R_AARCH64_GLOB_DAT || type == R_AARCH64_ABS64;
}
#else
#error "imports.c: add the relocation types of this processor"
#endif

struct tables {
    uintptr_t base;
    const ElfW(Sym) * symbols;
    const char *names;
    const ElfW(Rela) * rela, *plt;
    size_t rela_count, plt_count;
};

static struct tables read_dynamic(const struct link_map *map) {
    struct tables tables = {.base = map->l_addr};
    for (const ElfW(Dyn) *entry = map->l_ld; entry->d_tag != DT_NULL; entry++) {
        uintptr_t value = entry->d_un.d_ptr;
        switch (entry->d_tag) {
        case DT_SYMTAB:
            tables.symbols = (const ElfW(Sym) *)value;
            break;
        case DT_STRTAB:
            tables.names = (const char *)value;
            break;
        case DT_RELA:
            tables.rela = (const ElfW(Rela) *)value;
            break;
        case DT_RELASZ:
            tables.rela_count = value / sizeof(ElfW(Rela));
            break;
        case DT_JMPREL:
            tables.plt = (const ElfW(Rela) *)value;
            break;
        case DT_PLTRELSZ:
            tables.plt_count = value / sizeof(ElfW(Rela));
            break;
        }
    }
    return tables;
}

/* The function for a name: the model, the explorer's own export, or the C library's. */
static void *resolve(const char *name) {
    void *model = model_of(name);
    if (model) return model;
    if (!strncmp(name, "__tsan_", 7) || !strncmp(name, "explore_", 8)) return dlsym(RTLD_DEFAULT, name);
    return is_harmless(name) ? dlsym(RTLD_DEFAULT, name) : NULL;
}

static void add_unknown(const char *name, char *unknown, size_t size) {
    size_t length = strlen(unknown), name_length = strlen(name);
    const char *found = strstr(unknown, name);
    if (found && (found == unknown || found[-1] == ' ') && (found[name_length] == ' ' || !found[name_length])) return;
    snprintf(unknown + length, size - length, "%s%s", length ? " " : "", name);
}

static void bind(const struct tables *tables, const ElfW(Rela) * relocation, char *unknown, size_t size) {
    const ElfW(Sym) *symbol = &tables->symbols[ELF64_R_SYM(relocation->r_info)];
    if (!binds_address(ELF64_R_TYPE(relocation->r_info)) || symbol->st_shndx != SHN_UNDEF) return;
    const char *name = tables->names + symbol->st_name;
    void *function = resolve(name);
    if (!function && ELF64_ST_BIND(symbol->st_info) == STB_WEAK)
        return; /* the start-up files ask for some that nobody has */
    if (!function) {
        add_unknown(name, unknown, size);
        return;
    }
    uintptr_t value = (uintptr_t)function + (uintptr_t)relocation->r_addend;
    memcpy((void *)(tables->base + relocation->r_offset), &value, sizeof value);
}

bool imports_bind(const struct link_map *map, char *unknown, size_t size) {
    struct tables tables = read_dynamic(map);
    unknown[0] = 0;
    for (size_t i = 0; i < tables.rela_count; i++) bind(&tables, &tables.rela[i], unknown, size);
    for (size_t i = 0; i < tables.plt_count; i++) bind(&tables, &tables.plt[i], unknown, size);
    return !unknown[0];
}
