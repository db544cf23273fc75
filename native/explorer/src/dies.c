/* SPDX-License-Identifier: MIT
 *
 * dies.c -- reads the text of `readelf --debug-dump=info`, of which only a few words matter here. */
#include "dies.h"

#include "tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LINE = 512 };

static struct die *dies;
static size_t die_count, room;

static enum die_kind kind_of(const char *tag) {
    static const struct {
        const char *tag;
        enum die_kind kind;
    } kinds[] = {
        {"compile_unit", DIE_UNIT},     {"base_type", DIE_VALUE},   {"enumeration_type", DIE_VALUE},
        {"pointer_type", DIE_POINTER},  {"typedef", DIE_ALIAS},     {"const_type", DIE_ALIAS},
        {"volatile_type", DIE_ALIAS},   {"atomic_type", DIE_ALIAS}, {"restrict_type", DIE_ALIAS},
        {"structure_type", DIE_STRUCT}, {"union_type", DIE_UNION},  {"array_type", DIE_ARRAY},
        {"subrange_type", DIE_RANGE},   {"member", DIE_MEMBER},     {"variable", DIE_VARIABLE},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(kinds[i].tag, tag)) return kinds[i].kind;
    return DIE_OTHER;
}

static void add(int depth, uint32_t offset, const char *tag) {
    if (die_count == room) {
        room = room ? 2 * room : 1024;
        struct die *larger = realloc(dies, room * sizeof *dies);
        if (!larger) abort();
        dies = larger;
    }
    dies[die_count++] = (struct die){.kind = kind_of(tag), .depth = depth, .offset = offset};
}

static uint32_t reference(const char *value) {
    return *value == '<' ? (uint32_t)strtoul(value + 1, NULL, 16) : 0;
}

/* "name", or "(indirect string, offset: 0x4d6): name". */
static void read_name(struct die *die, const char *value) {
    const char *behind = *value == '(' ? strstr(value, "): ") : NULL;
    const char *name = behind ? behind + 3 : value, *slash = strrchr(name, '/');
    snprintf(die->name, sizeof die->name, "%s", die->kind == DIE_UNIT && slash ? slash + 1 : name);
}

static void read_attribute(struct die *die, const char *name, const char *value) {
    if (!strcmp(name, "name"))
        read_name(die, value);
    else if (!strcmp(name, "type"))
        die->type = reference(value);
    else if (!strcmp(name, "specification"))
        die->specification = reference(value);
    else if (!strcmp(name, "decl_line"))
        die->line = atoi(value);
    else if (!strcmp(name, "byte_size"))
        die->size_bytes = strtoul(value, NULL, 0);
    else if (!strcmp(name, "data_member_location"))
        die->place = strtoul(value, NULL, 0);
    else if (!strcmp(name, "count"))
        die->count = strtoul(value, NULL, 0);
    else if (!strcmp(name, "upper_bound"))
        die->count = strtoul(value, NULL, 0) + 1;
    else if (!strcmp(name, "location"))
        die->has_address = strstr(value, "DW_OP_addr") != NULL;
}

/* " <1><2ec>: Abbrev Number: 11 (DW_TAG_variable)" begins an entry, "    <2ed>   DW_AT_name        : items" adds to it.
 */
static void read_line(char *line) {
    int depth, value_at = 0;
    unsigned offset;
    char word[64];
    line[strcspn(line, "\n")] = 0;
    if (sscanf(line, " <%d><%x>: Abbrev Number: %*d (DW_TAG_%63[a-z_])", &depth, &offset, word) == 3)
        add(depth, offset, word);
    else if (die_count && sscanf(line, " <%*x> DW_AT_%63[a-z_] : %n", word, &value_at) == 1 && value_at)
        read_attribute(&dies[die_count - 1], word, line + value_at);
}

void dies_read(const char *path) {
    char *arguments[] = {"readelf", "--debug-dump=info", (char *)path, NULL};
    char line[MAX_LINE];
    if (dies) return;
    struct tool tool = tool_start(arguments);
    while (tool.output && fgets(line, sizeof line, tool.output)) read_line(line);
    tool_end(&tool);
    add(0, UINT32_MAX, ""); /* ends the parts of the last one */
}

const struct die *dies_all(size_t *count) {
    *count = die_count;
    return dies;
}

const struct die *die_at(uint32_t offset) {
    size_t first = 0, behind = die_count;
    while (first < behind) {
        size_t middle = first + (behind - first) / 2;
        if (dies[middle].offset == offset) return &dies[middle];
        if (dies[middle].offset < offset)
            first = middle + 1;
        else
            behind = middle;
    }
    return NULL;
}
