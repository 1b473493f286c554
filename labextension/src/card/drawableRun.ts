/** What is drawn of which run of its call a job is, whatever it holds. */
import { drawableText } from "../wire/drawableText";
import type { RunSummary } from "../wire/snapshot";

const PROBLEM_LIMIT = 8_000;

/** The part of it that a card can show. */
export function drawableRun(value: Readonly<Record<string, unknown>>): RunSummary {
  const { number, repeats, can_rerun, reruns, problem } = value;
  return {
    number: count(number, 1),
    repeats: typeof repeats === "string" ? drawableText(repeats) : null,
    can_rerun: can_rerun === true,
    reruns: count(reruns, 0),
    problem: typeof problem === "string" ? drawableText(problem, PROBLEM_LIMIT) : null
  };
}

function count(value: unknown, otherwise: number): number {
  return typeof value === "number" && value > otherwise ? value : otherwise;
}
