// SPDX-License-Identifier: MIT
/** Where a logarithmic axis ends, and which of its values are named: 1 to 9, or 1, 2, 5, 10, or powers of ten. Pure. */

export interface LogAxis {
  low: number;
  high: number;
  ticks: number[];
}

/**
 * At least two values are named, wherever the values lie, and no two of them are nearer to each other than a `ticks_max`th of the
 * axis. `whole`: the axis begins and ends at powers of ten, and below the smallest value, so that this has a length too.
 */
export function logAxis(low: number, high: number, whole: boolean, ticks_max: number): LogAxis {
  const ends = whole ? [wholeEnds(low, high)] : [[low, high] as const, roundEnds(low, high)];
  const axes = ends.flatMap(([from, to]) => candidates(from, to).map((ticks) => ({ low: from, high: to, ticks })));
  const [from, to] = ends.at(-1)!;
  return axes.find((axis) => isReadable(axis, ticks_max)) ?? { low: from, high: to, ticks: [from, to] };
}

function isReadable({ low, high, ticks }: LogAxis, ticks_max: number): boolean {
  const shares = ticks.slice(1).map((tick, at) => Math.log(tick / ticks[at]!) / Math.log(high / low));
  return shares.length > 0 && Math.min(...shares) * ticks_max >= 1 - ROUNDING;
}

/** The same value, though the last digits of a logarithm or a product differ. */
const ROUNDING = 1e-9;
const exponent = (value: number) => Number(Math.log10(value).toFixed(9));

type Ends = readonly [low: number, high: number];

const wholeEnds = (low: number, high: number): Ends => [
  led(1, Math.ceil(exponent(low)) - 1),
  led(1, Math.ceil(exponent(high))),
];

/** The nearest of 1, 2, 5, 10, ... below and above. */
function roundEnds(low: number, high: number): Ends {
  const from = powersOf(low).findLast((value) => value <= low * (1 + ROUNDING))!;
  const to = powersOf(high).find((value) => value >= high * (1 - ROUNDING))!;
  return from < to ? [from, to] : roundEnds(low / 2, high * 2);
}

/** The densest first: at last every power of ten, every second one, and so on. */
function candidates(low: number, high: number): number[][] {
  const powers: number[] = [];
  for (let power = Math.floor(exponent(low)); power <= exponent(high); power++) powers.push(power);
  const between = (leads: number[]) =>
    powers
      .flatMap((power) => leads.map((lead) => led(lead, power)))
      .filter((value) => value >= low * (1 - ROUNDING) && value <= high * (1 + ROUNDING));
  const tens = between([1]);
  const thinned = tens.slice(1).map((_, every) => tens.filter((_ten, at) => at % (every + 1) === 0));
  return [between([1, 2, 3, 4, 5, 6, 7, 8, 9]), between([1, 2, 5]), ...thinned];
}

const powersOf = (value: number) => [1, 2, 5, 10].map((lead) => led(lead, Math.floor(exponent(value))));

/** 2e-5 as it is written, which the product of 2 and 1e-5 need not be. */
const led = (lead: number, power: number) => Number(`${lead}e${power}`);
