/** The geometry of a line of numbers, without any drawing. */
import type { Series } from "../wire/snapshot";

/** Where values are on an axis: 0..1 of its length. */
export type Scale = Readonly<{ low: number; high: number; log: boolean }>;

/** One point of a line that can be drawn. */
export type Point = Readonly<{ step: number; value: number }>;

/** A mark on an axis: its value, and where it is (0..1). */
export type Tick = Readonly<{ value: number; at: number }>;

/** About as many marks fit on an axis. */
const TICKS = 4;

/** The points of a series that have a finite value. */
export function pointsOf({ steps, values }: Series): readonly Point[] {
  const points: Point[] = [];
  steps.forEach((step, index) => {
    const value = values[index];
    if (typeof value === "number") {
      points.push({ step, value });
    }
  });
  return points;
}

/** A scale that holds all numbers; a little wider where they are all the same. */
export function scaleOf(numbers: readonly number[], log = false): Scale {
  const low = numbers.reduce((one, other) => Math.min(one, other), Infinity);
  const high = numbers.reduce((one, other) => Math.max(one, other), -Infinity);
  if (low > high) {
    return { low: 0, high: 1, log: false };
  }
  if (low < high) {
    return { low, high, log };
  }
  const margin = Math.abs(low) / 2 || 1;
  return { low: log ? low / 2 : low - margin, high: log ? high * 2 : high + margin, log };
}

/** Where a value is on a scale: 0..1. */
export function placeOn({ low, high, log }: Scale, value: number): number {
  const at = log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  return Math.min(1, Math.max(0, at));
}

/** The line as an SVG path in a box of 100 × 100; what is not finite interrupts it. */
export function pathOf({ steps, values }: Pick<Series, "steps" | "values">, x: Scale, y: Scale): string {
  let isDrawing = false;
  const parts: string[] = [];
  steps.forEach((step, index) => {
    const value = values[index];
    if (typeof value === "number") {
      const at = `${(placeOn(x, step) * 100).toFixed(2)} ${((1 - placeOn(y, value)) * 100).toFixed(2)}`;
      // A point between two gaps is drawn as a dot: a line without length, with round ends.
      parts.push(isDrawing ? `L${at}` : `M${at}l0 0`);
    }
    isDrawing = typeof value === "number";
  });
  return parts.join("");
}

/** Round numbers along a scale; powers of ten on a logarithmic one. */
export function ticksOf(scale: Scale, whole = false): readonly Tick[] {
  const values = scale.log ? powersOfTen(scale) : roundNumbers(scale, whole);
  return values.map(value => ({ value, at: placeOn(scale, value) }));
}

function roundNumbers({ low, high }: Scale, whole: boolean): readonly number[] {
  const rough = (high - low) / TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find(one => one * power >= rough) ?? 10;
  const size = whole ? Math.max(1, factor * power) : factor * power;
  const first = Math.ceil(low / size - 1e-9);
  const count = Math.floor(high / size + 1e-9) - first + 1;
  const digits = Math.max(0, -Math.floor(Math.log10(size)));
  return Array.from({ length: Math.min(Math.max(0, count), 12) }, (_, index) => {
    const value = (first + index) * size;
    return digits < 100 ? Number(value.toFixed(digits)) : value;
  });
}

function powersOfTen({ low, high }: Scale): readonly number[] {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  if (last - first < 1) {
    return [low, high];
  }
  const size = Math.ceil((last - first + 1) / TICKS);
  return Array.from({ length: Math.floor((last - first) / size) + 1 }, (_, index) => 10 ** (first + index * size));
}
