// SPDX-License-Identifier: MIT

/** Random small programs of atomic operations, and their C. */
import type { Operation, Order, Program } from "./axioms";

const loads: Order[] = ["relaxed", "acquire", "seq_cst"];
const stores: Order[] = ["relaxed", "release", "seq_cst"];
const updates: Order[] = ["relaxed", "acquire", "release", "acq_rel", "seq_cst"];
const fences: Order[] = ["acquire", "release", "acq_rel", "seq_cst"];

/** mulberry32: the same programs on every run. */
export function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

export function randomProgram(seed: number): Program {
  const below = random(seed);
  const one = <T>(items: T[]): T => items[below(items.length)]!;
  const threadCount = 2 + below(2);
  const locations = 2;
  const next = [1, 1];
  /* A seq_cst-only or release-acquire-only program now and then: mixtures seldom forbid much. */
  const taste = below(4);
  const pick = (orders: Order[]) =>
    taste === 0 ? "seq_cst" : taste === 1 ? one(orders.filter((o) => o !== "seq_cst")) : one(orders);
  const operation = (): Operation => {
    const at = below(locations);
    const kind = below(10);
    if (kind < 4) return { kind: "load", at, order: pick(loads) };
    if (kind < 7) return { kind: "store", at, value: next[at]!++, order: pick(stores) };
    if (kind < 8) return { kind: "exchange", at, value: next[at]!++, order: pick(updates) };
    return { kind: "fence", order: pick(fences) };
  };
  const lengths = threadCount === 2 ? 3 + below(2) : 2;
  return { locations, threads: Array.from({ length: threadCount }, () => Array.from({ length: lengths }, operation)) };
}

function statement(operation: Operation, register: number): string {
  const order = `memory_order_${operation.order}`;
  switch (operation.kind) {
    case "load":
      return `r[${register}] = atomic_load_explicit(&at[${operation.at}], ${order});`;
    case "store":
      return `atomic_store_explicit(&at[${operation.at}], ${operation.value}, ${order});`;
    case "exchange":
      return `r[${register}] = atomic_exchange_explicit(&at[${operation.at}], ${operation.value}, ${order});`;
    case "fence":
      return `atomic_thread_fence(${order});`;
  }
}

function scenario({ threads }: Program, number: number): string {
  let register = 0;
  const bodies = threads.map((operations, i) => {
    const lines = operations.map((operation) =>
      statement(operation, operation.kind === "load" || operation.kind === "exchange" ? register++ : 0),
    );
    return `static void *p${number}_${i}(void *unused) {\n${lines.map((line) => `    ${line}\n`).join("")}    return unused;\n}\n`;
  });
  const names = threads.map((_, i) => `p${number}_${i}`).join(", ");
  return `${bodies.join("")}static void p${number}(void) {\n    static body bodies[] = {${names}};\n    run(bodies, ${threads.length}, ${register});\n}\n`;
}

const prelude = `#include "explore.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

static atomic_int at[2];
static int r[16];
typedef void *(*body)(void *);

static void run(body *bodies, int count, int registers) {
    pthread_t threads[3];
    char text[20];
    int length = 0;
    for (int i = 0; i < count; i++) pthread_create(&threads[i], NULL, bodies[i], NULL);
    for (int i = 0; i < count; i++) pthread_join(threads[i], NULL);
    for (int i = 0; i < registers; i++) text[length++] = (char)('0' + r[i]);
    text[length++] = ':';
    for (int i = 0; i < 2; i++) text[length++] = (char)('0' + atomic_load(&at[i]));
    text[length] = 0;
    explore_outcome("%s", text);
}
`;

/** One driver with a scenario "p0", "p1", ... for each program. */
export function driverOf(programs: Program[]): string {
  const table = programs.map((_, i) => `{"p${i}", p${i}}, `).join("");
  return `${prelude}\n${programs.map(scenario).join("\n")}\nconst struct explore_scenario explore_scenarios[] = {${table}{NULL, NULL}};\n`;
}
