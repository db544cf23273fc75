// SPDX-License-Identifier: MIT
/**
 * The same echo on kqueue, in three manners, and on epoll: epoll-echo's comparison. kqueue is native/kqueue here, over epoll, so
 * what it costs more than epoll is that, and nothing of a BSD. Wants a quiet machine and about a minute.
 */
import { comparisonOf, type Server } from "@c10kata/03-epoll-echo/lab.ts";
import epoll from "@c10kata/03-epoll-echo/kata.ts";
import type { Plot } from "@c10kata/harness/plot";
import { join, relative } from "node:path";
import kata from "./kata.ts";

const solutions = (id: string, name: string) => join(kata.folder, "../../solutions", id, name);

const servers = (path: string): Server[] => [
  { name: "epoll (kata 03's reference)", path: solutions(epoll.id, epoll.edits[0]!), kata: epoll },
  { name: "EV_CLEAR (the reference)", path: solutions(kata.id, kata.edits[0]!), kata },
  { name: "level, one list of changes", path: solutions(kata.id, "accepted/one_list.c"), kata },
  { name: "EV_DISPATCH", path: solutions(kata.id, "accepted/dispatch.c"), kata },
  { name: path === kata.folder ? "yours" : relative(process.cwd(), path), path, kata },
];

/** `path`: whatever is to be compared with the others, a server or a folder with one. */
export const comparison = (path: string): Promise<Plot[]> => comparisonOf(servers(path));

export const lab = comparison;
