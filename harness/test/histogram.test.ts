// SPDX-License-Identifier: MIT
/** Durations as drivers count them, in TypeScript: the same bins as in native/include/histogram.h. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../src/base/cache.ts";
import { BUCKETS_MAX, durationText, latencyOf } from "../src/base/histogram.ts";

const folder = mkdtempSync(join(tmpdir(), "c10kata-histogram-"));
afterAll(() => rmSync(folder, { recursive: true }));

const PRINTER = `
#include "histogram.h"
#include <stdio.h>
#include <stdlib.h>
int main(int count, char **values) {
    static struct histogram h;
    for (int i = 1; i < count; i++) histogram_add(&h, strtoull(values[i], NULL, 10));
    for (size_t i = 0; i < histogram_length(&h); i++) printf("%lu ", h.bins[i]);
    printf("\\n%lu", histogram_at(&h, 0.5));
}`;

/** The bins in which the C header counts these values, and its median. */
async function counted(values: bigint[]): Promise<{ bins: number[]; median: number }> {
  const [source, program] = [join(folder, "printer.c"), join(folder, "printer")];
  writeFileSync(source, PRINTER);
  await Bun.$`${process.env.CC ?? "cc"} -I${join(ROOT, "native/include")} ${source} -o ${program}`.quiet();
  const [bins, median] = (await Bun.$`${program} ${values.map(String)}`.text()).split("\n");
  return { bins: bins!.trim().split(" ").map(Number), median: Number(median) };
}

test("what C has counted is found again, whatever its size", async () => {
  const values = Array.from({ length: 200 }, (_, at) => BigInt(Math.round(1.2 ** at)));
  const { bins, median } = await counted(values);
  const told = latencyOf([bins, bins])!;
  expect(bins.reduce((sum, one) => sum + one, 0) * 2).toBe(told.count);
  expect(told.p50_us * 1000).toBe(median);
  expect(told.buckets.length).toBeLessThanOrEqual(BUCKETS_MAX);
  expect(told.buckets.reduce((sum, [, , inside]) => sum + inside, 0)).toBe(told.count);
  for (const [from, to] of told.buckets) expect(from).toBeLessThan(to);
  for (const [nth, [from]] of told.buckets.slice(1).entries())
    expect(from).toBeGreaterThanOrEqual(told.buckets[nth]![1]);
  const around = told.buckets.find(([from, to]) => from <= 81.3 && 81.3 < to)!;
  expect(around[1] / around[0]).toBeLessThan(1.26);
}, 60_000);

test("percentiles are the upper ends of bins; nothing counted is no histogram", () => {
  const hundred = Array.from({ length: 40 }, (_, bin) => (bin === 20 ? 98 : bin === 39 ? 2 : 0));
  expect(latencyOf([hundred])).toEqual({
    count: 100,
    p50_us: 0.02,
    p99_us: 0.039,
    p999_us: 0.039,
    max_us: 0.039,
    buckets: [
      [0.016, 0.024, 98],
      [0.032, 0.04, 2],
    ],
  });
  expect(latencyOf([])).toBeNull();
  expect(latencyOf([[0, 0]])).toBeNull();
  expect(latencyOf([new BigUint64Array([0n, 3n])])).toMatchObject({ count: 3, max_us: 0.001 });
});

test("durations in the unit that needs no more digits", () => {
  expect([0.5, 81.34, 999.9, 1_250, 20_000, 3_400_000].map(durationText)).toEqual([
    "0.5 µs",
    "81.3 µs",
    "1 ms",
    "1.25 ms",
    "20 ms",
    "3.4 s",
  ]);
});
