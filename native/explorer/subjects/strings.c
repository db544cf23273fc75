/* SPDX-License-Identifier: MIT
 *
 * strings.c -- library functions on text that another thread, or nobody, owns.
 *
 * planted 1 (race): sscanf of a text that another thread writes
 * planted 2 (out_of_bounds): strcat, one byte too far
 * planted 3 (out_of_bounds): sprintf, likewise
 * planted 4 (use_after_free): strchr of a freed text
 * planted 5 (race): two threads print into one text
 * planted 6 (uninitialized_read): memchr of bytes that were never written */
#define _GNU_SOURCE /* mempcpy */
#include "explore.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef PLANTED
#define PLANTED 0
#endif

static char line[16] = "12 ab";
static int found;

static void *print(void *unused) {
    (void)unused;
    snprintf(line, sizeof line, "%d ab", 34);
    return NULL;
}

static void run_shared(void) {
    pthread_t thread;
    int number = 0;
    char word[4] = "";
    pthread_create(&thread, NULL, print, NULL);
    if (PLANTED == 5) snprintf(line, sizeof line, "%d ab", 56);
    if (PLANTED != 1) pthread_join(thread, NULL);
    int count = sscanf(line, "%d %3s", &number, word);
    if (PLANTED == 1)
        pthread_join(thread, NULL);
    else if (PLANTED != 5 && (count != 2 || number != 34 || strcmp(word, "ab")))
        explore_fail("%d: %d %s", count, number, word);
}

static void run_bounds(void) {
    char *text = malloc(PLANTED == 2 || PLANTED == 3 ? 8 : 9);
    if (PLANTED == 3)
        sprintf(text, "%s", "abcdefgh");
    else
        strcat(strncat(strcpy(text, "abcd"), "efx", 2), "gh");
    if (strlen(text) != 8) explore_fail("the text is %s", text);
    if (PLANTED == 4) free(text);
    if (strchr(text, 'c') != text + 2 || strrchr(text, 'c') != text + 2 || strstr(text, "fg") != text + 5)
        explore_fail("a letter is missing");
    if (PLANTED != 4) free(text);
}

static void run_bytes(void) {
    char *bytes = malloc(8);
    if (PLANTED != 6) memset(bytes, 0, 8);
    *(char *)mempcpy(bytes, "ab", 2) = 1;
    if (memchr(bytes, 0, 8)) found++;
    free(bytes);
}

const struct explore_scenario explore_scenarios[] = {
    {"shared", run_shared}, {"bounds", run_bounds}, {"bytes", run_bytes}, {NULL, NULL}};
