/** Numbers and places as short text; `primwidgets/_jupyter/formats.py` writes the same. */

/** A number: four significant digits, with an exponent where there would be many zeros; "NaN" for none. */
export function numberText(value: number | null): string {
  if (value === null) {
    return "NaN";
  }
  const size = Math.abs(value);
  const plain = size === 0 || (size >= 0.001 && size < 10_000);
  return (plain ? String(Number(value.toPrecision(4))) : value.toExponential(2)).replaceAll("-", "−");
}

/** How many numbers were reported, in English: "1 value", "1,095 values". */
export function valueCount(count: number): string {
  return `${count.toLocaleString("en")} ${count === 1 ? "value" : "values"}`;
}

/** A place in a queue in English: "3rd in queue"; of what is no plain number "position >2000". */
export function queuePlace(position: string): string {
  if (!/^\d+$/.test(position)) {
    return `position ${position}`;
  }
  return `${englishOrdinal(position)} in queue`;
}

/** A place in an order: "3rd". */
export function englishOrdinal(place: string): string {
  const endings: Readonly<Record<string, string>> = { 1: "st", 2: "nd", 3: "rd" };
  return place + (/1[123]$/.test(place) ? "th" : (endings[place.slice(-1)] ?? "th"));
}

/** Whether a place is a process on some machine, which only the details show. */
export function isProcess(backend: string | null): boolean {
  return backend !== null && /\bprocess \d+$/.test(backend);
}
