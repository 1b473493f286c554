import { describe, expect, it } from "vitest";

import { findJobs, groupJobs, isFiltered, type JobQuery } from "../src/lab/sidebar/jobQuery";
import { DONE, FAILED, FakeHub, kernel, QUEUED, RUNNING } from "./fakeHub";

const hub = new FakeHub();
const KERNELS = [kernel("k1", "work/a.ipynb"), kernel("k2", "b.ipynb")];
const JOBS = [
  hub.job("step 10", RUNNING, { created_at: 30 }),
  hub.job("step 9", QUEUED, { created_at: 10, metadata: { tags: "night run, h2" } }, "live", "k2"),
  hub.job("Bell", FAILED, {
    created_at: 20,
    error: { type: "ValueError", message: "No shots", traceback: null, chain: [] }
  })
];

function keys(query: Partial<JobQuery>): readonly string[] {
  return findJobs(JOBS, KERNELS, { text: "", kinds: [], order: "newest", ...query }).map(job => job.key);
}

describe("jobs are found", () => {
  it.each([
    ["by name, in any case", "BELL", ["Bell"]],
    ["by a part of their id", "sim-3", ["step 10"]],
    ["by provider and backend", "braket ionq", ["step 9"]],
    ["by what went wrong", "no shots", ["Bell"]],
    ["by their notebook", "b.ipynb", ["step 9"]],
    ["by a tag", "Night", ["step 9"]],
    ["by all words, in any order", "aria STEP", ["step 9"]],
    ["not at all where a word is missing", "bell braket", []]
  ])("%s", (_how, text, found) => {
    expect(keys({ text })).toEqual(found);
  });

  it("by kind", () => {
    expect(keys({ kinds: ["running", "failed"] })).toEqual(["step 10", "Bell"]);
  });
});

describe("jobs are sorted", () => {
  it.each([
    ["newest", ["step 10", "Bell", "step 9"]],
    ["oldest", ["step 9", "Bell", "step 10"]],
    ["state", ["step 10", "step 9", "Bell"]],
    ["name", ["Bell", "step 9", "step 10"]]
  ] as const)("%s", (order, found) => {
    expect(keys({ order })).toEqual(found);
  });

  it("without touching the hub's own list", () => {
    const before = [...JOBS];
    keys({ order: "name" });
    expect(JOBS).toEqual(before);
  });
});

it.each([
  [{ text: "  " }, false],
  [{ text: "a" }, true],
  [{ kinds: ["done"] }, true]
] as const)("knows whether %o leaves anything out", (query, filtered) => {
  expect(isFiltered({ text: "", kinds: [], order: "newest", ...query })).toBe(filtered);
});

describe("groups", () => {
  const titles = (...kernels: Parameters<typeof groupJobs>[1]): readonly string[] =>
    groupJobs(JOBS, kernels).map(({ kernel: { path }, jobs }) => `${path} ${jobs.length}`);

  it("hold the jobs of a notebook and stand in the order of the names", () => {
    expect(titles(...[...KERNELS].reverse())).toEqual(["work/a.ipynb 2", "b.ipynb 1"]);
  });

  it("begin with the one of the notebook in front", () => {
    const front = KERNELS.at(-1)?.id ?? "";
    expect(groupJobs(JOBS, KERNELS, front)[0]?.kernel.id).toBe(front);
    expect(groupJobs(JOBS, KERNELS, "unknown").map(group => group.kernel.id)).toEqual(
      groupJobs(JOBS, KERNELS).map(group => group.kernel.id)
    );
  });

  it("are left out where no job is shown, but for a kernel of another version", () => {
    const silent = kernel("k3", "c.ipynb");
    expect(titles(silent)).toEqual([]);
    expect(titles({ ...silent, versionProblem: true })).toEqual(["c.ipynb 0"]);
  });

  it("keep their key when the notebook gets another kernel, and differ from those of its lost kernels", () => {
    const [before] = groupJobs(JOBS, KERNELS);
    const [after] = groupJobs([hub.job("x", DONE, {}, "live", "k9")], [kernel("k9", "work/a.ipynb")]);
    const [lost] = groupJobs(JOBS, [kernel("k1", "work/a.ipynb", { connection: "gone" })]);
    expect(after?.key).toBe(before?.key);
    expect(lost?.key).not.toBe(before?.key);
  });
});
