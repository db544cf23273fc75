// SPDX-License-Identifier: MIT
/** Lists of calls on one balancer, with the answers that the model gives. */
import type { Step } from "@c10kata/harness/check";
import { Texts } from "@c10kata/harness/script";
import { Model, POLICIES, type Backend, type Policy } from "./model.ts";

export type Command =
  | { pick: string }
  /** The end of one of the requests that are active, by number. */
  | { done: number; failed: boolean }
  | { set: number; up: boolean }
  | { pass: bigint }
  | { draws: [bigint, bigint] };

export interface Tale {
  policy: Policy;
  backends: Backend[];
  /** When the clock begins. */
  from?: bigint;
  commands: Command[];
}

export const pick = (client = "client"): Command => ({ pick: client });
export const done = (nth = 0): Command => ({ done: nth, failed: false });
export const fail = (nth = 0): Command => ({ done: nth, failed: true });
export const down = (index: number): Command => ({ set: index, up: false });
export const up = (index: number): Command => ({ set: index, up: true });
export const pass = (ns: bigint): Command => ({ pass: ns });

const self = { ref: "lb" };
export const free: Step = { call: "lb_free", args: [self], show: "free()" };

/** A name as C has it: two thirds of a longest one are left out. */
export const shown = (text: string) => JSON.stringify(text.length > 40 ? `${text.slice(0, 12)}...` : text);

/** The calls that make a balancer of these. */
export function open(texts: Texts, { policy, backends, from = 0n }: Tale): Step[] {
  const given = backends.map(
    ({ name, weight }): Step => ({
      call: "script_backend",
      args: [texts.string(name), weight],
      show: `backend ${shown(name)}, weight ${weight}`,
    }),
  );
  const made: Step = {
    call: "script_new",
    args: [POLICIES.indexOf(policy), from],
    as: "lb",
    expect: "not NULL",
    show: `new(LB_${policy.toUpperCase()})${from > 0n ? ` at ${from} ns` : ""}`,
  };
  return [...given, made];
}

/** One tale, step by step. */
export function tell(tale: Tale): Step[] {
  const texts = new Texts();
  const model = new Model(tale.policy, tale.backends, tale.from ?? 0n);
  const active: number[] = [];
  const steps = open(texts, tale);
  const end = (nth: number, failed: boolean) => {
    const [index] = active.splice(nth % (active.length || 1), 1);
    if (index === undefined) return;
    model.done(index, failed);
    steps.push({ call: "lb_done", args: [self, index, failed], show: `done(${index}${failed ? ", failed" : ""})` });
  };
  for (const command of tale.commands) {
    if ("pick" in command) {
      const client = Buffer.from(command.pick);
      const { index, text } = model.pick(client);
      if (index !== undefined) active.push(index);
      const args = client.length > 0 ? [self, texts.bytes(client), client.length] : [self, null, 0];
      steps.push({ call: "script_pick", args, expect: { text }, show: `pick(${shown(command.pick)})` });
    } else if ("done" in command) {
      end(command.done, command.failed);
    } else if ("set" in command) {
      const { set, up } = command;
      const index = set % tale.backends.length;
      model.setUp(index, up);
      steps.push({ call: "lb_set_up", args: [self, index, up], show: `set_up(${index}, ${up})` });
    } else if ("pass" in command) {
      model.now += command.pass;
      steps.push({ call: "script_pass", args: [command.pass], show: `${command.pass} ns pass` });
    } else {
      model.draws = command.draws;
      steps.push({ call: "script_draws", args: command.draws, show: `random is ${command.draws.join(", then ")}` });
    }
  }
  return [...texts.steps, ...steps, free];
}
