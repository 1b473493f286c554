import { expect, it } from "vitest";

import { readStoredJob, storedJob } from "../src/wire/storedJob";
import { golden } from "./golden";

const JOB = { epoch: "e1", snapshot: golden("done with counts"), seenAt: 1_700_000_000 };
const STORED = storedJob(JOB);

it("reads what it wrote", () => {
  expect(readStoredJob(JSON.parse(JSON.stringify(STORED)))).toEqual(JOB);
});

it("reads what a version wrote that has other fields", () => {
  const { cell_id, ...older } = JOB.snapshot;
  expect(cell_id).toBeNull();
  expect(readStoredJob({ ...STORED, snapshot: { ...older, mood: "good" }, later: 1 })).toEqual(JOB);
});

it.each([
  [null],
  ["text"],
  [[]],
  [{}],
  [{ ...STORED, primwidgets: 2 }],
  [{ ...STORED, epoch: null }],
  [{ ...STORED, snapshot: null }],
  [{ ...STORED, snapshot: { ...JOB.snapshot, state: "SLEEPING" } }]
])("reads no job from %j", data => {
  expect(readStoredJob(data)).toBeNull();
});
