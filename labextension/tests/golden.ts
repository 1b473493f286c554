/** The wire form that Python and TypeScript share. */
import cases from "../../tests/golden/snapshots.json";
import { readSnapshot, type JobSnapshot } from "../src/wire/snapshot";

/** The cases as they stand in the file. */
export const GOLDEN: readonly { case: string; snapshot: unknown }[] = cases;

/** The golden snapshot of that name, with some fields changed. */
export function golden(name: string, change: Partial<JobSnapshot> = {}): JobSnapshot {
  const snapshot = readSnapshot(GOLDEN.find(one => one.case === name)?.snapshot);
  if (snapshot === null) {
    throw new Error(`No golden snapshot called ${name}`);
  }
  return { ...snapshot, ...change };
}

/** A moment, in epoch seconds, at which every golden job has been created. */
export const GOLDEN_NOW = 1_790_000_020;
