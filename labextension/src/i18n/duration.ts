/** Lengths of time as short text; `primwidgets/_jupyter/formats.py` writes the same of those that have ended. */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "<0.1 s", "0.4 s", "12.3 s", "2 min 05 s", "1 h 01 min", "3 d 04 h". */
export function formatDuration(seconds: number): string {
  const tenths = Math.round(Math.max(0, seconds) * 10) / 10;
  if (tenths === 0) {
    return "<0.1 s";
  }
  return tenths < MINUTE ? `${tenths.toFixed(1)} s` : formatClock(tenths);
}

/** A duration that is still growing, in whole seconds so that it moves calmly: "12 s", "2 min 05 s". */
export function formatElapsed(seconds: number): string {
  return formatClock(Math.floor(Math.max(0, seconds)));
}

/** An estimate, no finer than it deserves: "12 s", "3 min", "1 h 05 min". */
export function formatRough(seconds: number): string {
  const rough = seconds < MINUTE ? seconds : Math.round(seconds / MINUTE) * MINUTE;
  return rough < MINUTE || rough >= HOUR ? formatElapsed(rough) : `${rough / MINUTE} min`;
}

function formatClock(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < MINUTE) {
    return `${whole} s`;
  }
  if (whole < HOUR) {
    return pair(whole, MINUTE, "min", 1, "s");
  }
  return whole < DAY ? pair(whole, HOUR, "h", MINUTE, "min") : pair(whole, DAY, "d", HOUR, "h");
}

/** Two neighbouring units, the smaller one with two digits so that the text keeps its width. */
function pair(seconds: number, big: number, bigUnit: string, small: number, smallUnit: string): string {
  const rest = Math.floor((seconds % big) / small);
  return `${Math.floor(seconds / big)} ${bigUnit} ${String(rest).padStart(2, "0")} ${smallUnit}`;
}
