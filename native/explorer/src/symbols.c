/* SPDX-License-Identifier: MIT
 *
 * symbols.c -- reads the ELF symbol table from the subject's file, on first use. */
#include "symbols.h"

#include "subject.h"

#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *file; /* the whole file, or NULL */
static const Elf64_Sym *symbols;
static size_t symbol_count;
static const char *names;

static void map_file(void) {
    struct stat status;
    int descriptor = open(subject.path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return;
    if (!fstat(descriptor, &status)) {
        void *memory = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
        file = memory == MAP_FAILED ? NULL : memory;
    }
    close(descriptor);
}

static void find_table(void) {
    static bool looked;
    if (looked) return;
    looked = true;
    map_file();
    if (!file) return;
    const Elf64_Ehdr *header = (const Elf64_Ehdr *)file;
    const Elf64_Shdr *sections = (const Elf64_Shdr *)(file + header->e_shoff);
    for (int i = 0; i < header->e_shnum; i++) {
        if (sections[i].sh_type != SHT_SYMTAB) continue;
        symbols = (const Elf64_Sym *)(file + sections[i].sh_offset);
        symbol_count = sections[i].sh_size / sizeof *symbols;
        names = file + sections[sections[i].sh_link].sh_offset;
    }
}

void symbols_each(void (*visit)(const char *, uintptr_t, size_t)) {
    find_table();
    for (size_t i = 0; i < symbol_count; i++)
        if (ELF64_ST_TYPE(symbols[i].st_info) == STT_OBJECT && symbols[i].st_size)
            visit(names + symbols[i].st_name, symbols[i].st_value, symbols[i].st_size);
}

size_t symbols_section(const char *name, uintptr_t *start) {
    find_table();
    if (!file) return 0;
    const Elf64_Ehdr *header = (const Elf64_Ehdr *)file;
    const Elf64_Shdr *sections = (const Elf64_Shdr *)(file + header->e_shoff);
    const char *section_names = file + sections[header->e_shstrndx].sh_offset;
    for (int i = 0; i < header->e_shnum; i++) {
        if (strcmp(section_names + sections[i].sh_name, name)) continue;
        *start = sections[i].sh_addr;
        return sections[i].sh_size;
    }
    return 0;
}

const char *symbol_at(uintptr_t subject_offset, size_t *offset, size_t *size_bytes) {
    find_table();
    for (size_t i = 0; i < symbol_count; i++) {
        const Elf64_Sym *symbol = &symbols[i];
        if (ELF64_ST_TYPE(symbol->st_info) != STT_OBJECT || subject_offset < symbol->st_value ||
            subject_offset >= symbol->st_value + symbol->st_size)
            continue;
        *size_bytes = symbol->st_size;
        *offset = subject_offset - symbol->st_value;
        return names + symbol->st_name;
    }
    return NULL;
}
