import { expect, it } from "vitest";

import { hearsControl, partsOf, snapshotOf } from "../src/wire/jobModel";
import { readSnapshot } from "../src/wire/snapshot";
import { FakeModel } from "./fakes";
import { GOLDEN, golden } from "./golden";

it.each(GOLDEN)("puts the snapshot together again when $case", ({ snapshot }) => {
  const known = readSnapshot(snapshot) ?? expect.unreachable();
  expect(snapshotOf(new FakeModel(known))).toEqual(snapshot);
});

it("refuses traits that are not those of a job", () => {
  const model = new FakeModel(golden("just wrapped"));
  model.corrupt("state", "SLEEPING");
  expect(() => snapshotOf(model)).toThrow(TypeError);
});

it("gives the further rows of a subclass", () => {
  expect(partsOf(new FakeModel(golden("just wrapped"), { parts: { Energy: "-1.2" } }))).toEqual({ Energy: "-1.2" });
});

it.each([
  [{ control: true, version: 1 }, true],
  [{ control: false, version: 1 }, false],
  [{ control: true, version: 2 }, false],
  [null, false]
])("reads from %j whether the control channel is heard", (channel, heard) => {
  const model = new FakeModel(golden("just wrapped"));
  model.corrupt("_channel", channel);
  expect(hearsControl(model)).toBe(heard);
});
