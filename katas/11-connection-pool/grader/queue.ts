// SPDX-License-Identifier: MIT
/** The queueing model beside the lab's database: callers that come back, a pool, and cores. Exact, and pure. */

export interface Queue {
  clients: number;
  size: number;
  cores: number;
  service_us: number;
  think_us: number;
}

/** As in latency.c: what a query takes longer, as a share of its time, for each one that waits for a core. */
const OVERHEAD = 0.01;

/** Ends of queries in a microsecond, with so many callers that are not thinking. */
function endsPerUs({ size, cores, service_us }: Queue, busy: number): number {
  const inside = Math.min(busy, size);
  const running = Math.min(inside, cores);
  return running / (service_us * (1 + OVERHEAD * (inside - running)));
}

/**
 * A birth and death process: with k of N callers busy, (N - k) / think come and endsPerUs(k) go. Its state probabilities
 * follow from the balance of flows between neighbours; throughput and, by Little's law, latency from these.
 */
export function closedQueue(queue: Queue): { rate: number; latency_ms: number } {
  const logs = [0]; // of weights that are no numbers otherwise
  for (let busy = 1; busy <= queue.clients; busy++)
    logs.push(logs.at(-1)! + Math.log((queue.clients - busy + 1) / queue.think_us / endsPerUs(queue, busy)));
  const most = Math.max(...logs);
  const weights = logs.map((log) => Math.exp(log - most));
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const expected = (value: (busy: number) => number) =>
    weights.reduce((sum, weight, busy) => sum + (weight / all) * value(busy), 0);
  const perUs = expected((busy) => endsPerUs(queue, busy));
  return { rate: perUs * 1e6, latency_ms: expected((busy) => busy) / perUs / 1000 };
}
