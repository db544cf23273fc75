/* SPDX-License-Identifier: MIT
 *
 * tool.c -- a child and a pipe. */
#include "tool.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

struct tool tool_start(char *const arguments[]) {
    struct tool tool = {-1, NULL};
    int ends[2];
    if (pipe(ends)) return tool;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    int failed = posix_spawnp(&tool.process, arguments[0], &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (failed)
        close(ends[0]);
    else
        tool.output = fdopen(ends[0], "r");
    return tool;
}

void tool_end(struct tool *tool) {
    if (!tool->output) return;
    fclose(tool->output);
    waitpid(tool->process, NULL, 0);
}
