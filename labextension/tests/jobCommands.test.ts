import "./dragEvent";

import { CommandRegistry } from "@lumino/commands";
import type { ReadonlyPartialJSONObject } from "@lumino/coreutils";
import { beforeEach, describe, expect, it, vi } from "vitest";

import schema from "../schema/commands.json";
import { CommandIds } from "../src/lab/commands/commandIds";
import { addJobCommands, type ICommandServices } from "../src/lab/commands/jobCommands";
import { JobTarget, type ReaderPlace } from "../src/lab/commands/jobTarget";
import { DONE, FakeHub, kernel, QUEUED, RUNNING } from "./fakeHub";

let hub: FakeHub;
let commands: CommandRegistry;
let place: ReaderPlace | null;
let clicked: string | null;
let answer: boolean;
const services = {
  ask: vi.fn<ICommandServices["ask"]>(),
  complain: vi.fn<ICommandServices["complain"]>(),
  goToCell: vi.fn<ICommandServices["places"]["goToCell"]>(),
  insertCode: vi.fn<ICommandServices["places"]["insertCode"]>()
};

beforeEach(() => {
  hub = new FakeHub();
  commands = new CommandRegistry();
  place = { kernelId: "k1", cellId: "c1" };
  clicked = null;
  answer = true;
  services.ask.mockReset().mockImplementation(() => Promise.resolve(answer));
  services.complain.mockReset();
  services.goToCell.mockReset().mockResolvedValue(true);
  services.insertCode.mockReset().mockResolvedValue(true);
  add();
});

function add() {
  const target = new JobTarget(
    hub,
    () => place,
    () => clicked
  );
  const { ask, complain, ...places } = services;
  return addJobCommands(commands, { hub, target, places, ask, complain });
}

const label = (id: string, args: ReadonlyPartialJSONObject = {}): string => commands.label(id, args);

describe("without a named job, a command is about", () => {
  beforeEach(() => {
    hub.set(
      hub.job("old", RUNNING, { cell_id: "c1" }),
      hub.job("newest of the cell", RUNNING, { cell_id: "c1" }),
      hub.job("of another cell", RUNNING, { cell_id: "c2" }),
      hub.job("of another notebook", RUNNING, { cell_id: "c1" }, "live", "k2")
    );
  });

  it("the newest job of the selected cell", () => {
    expect(label(CommandIds.cancelJob)).toBe("Cancel Job “newest of the cell”");
  });

  it("else the newest of the notebook", () => {
    place = { kernelId: "k1", cellId: "c9" };
    expect(label(CommandIds.cancelJob)).toBe("Cancel Job “of another cell”");
  });

  it("a job that fits, rather than one that is newer", () => {
    hub.set(hub.job("newest of the cell", DONE, { cell_id: "c1" }));
    expect(label(CommandIds.cancelJob)).toBe("Cancel Job “old”");
  });

  it("none outside a notebook: it is not offered then", () => {
    place = null;
    expect(label(CommandIds.cancelJob)).toBe("Cancel Job");
    expect(commands.isEnabled(CommandIds.cancelJob)).toBe(false);
  });

  it("none of a cell where the selected cell and the job's are both unknown", () => {
    hub.jobs = [hub.job("a", RUNNING, { cell_id: null }), hub.job("b", RUNNING, { cell_id: "c2" })];
    place = { kernelId: "k1", cellId: null };
    expect(label(CommandIds.cancelJob)).toBe("Cancel Job “b”");
  });
});

describe("a command is about the job", () => {
  beforeEach(() => {
    hub.set(hub.job("x", RUNNING), hub.job("y", RUNNING));
  });

  it("that is named", () => {
    expect(label(CommandIds.cancelJob, { key: "x" })).toBe("Cancel Job “x”");
    expect(commands.isEnabled(CommandIds.cancelJob, { key: "nobody" })).toBe(false);
  });

  it("whose context menu was opened", () => {
    clicked = "y";
    expect(label(CommandIds.copyId, { clicked: true })).toBe("Copy ID of “y”");
    clicked = null;
    expect(commands.isEnabled(CommandIds.copyId, { clicked: true })).toBe(false);
  });
});

it("long names are cut in menus", () => {
  hub.set(hub.job("x", RUNNING, { name: "n".repeat(500) }));
  expect(label(CommandIds.cancelJob, { key: "x" })).toBe(`Cancel Job “${"n".repeat(39)}…”`);
});

describe("cancelling one job", () => {
  it("asks the provider at once for a local one", async () => {
    hub.set(hub.job("x", RUNNING));
    await commands.execute(CommandIds.cancelJob, { key: "x" });
    expect(hub.asked).toEqual(["cancel x"]);
    expect(services.ask).not.toHaveBeenCalled();
  });

  it.each([
    [true, ["cancel x"]],
    [false, []]
  ])("asks the reader first for a remote one, who says %s", async (yes, asked) => {
    answer = yes;
    hub.set(hub.job("x", QUEUED));
    await commands.execute(CommandIds.cancelJob, { key: "x" });
    expect(services.ask).toHaveBeenCalledOnce();
    expect(hub.asked).toEqual(asked);
  });
});

describe("cancelling all jobs", () => {
  beforeEach(() => {
    hub.kernels = [kernel("k1", "a.ipynb"), kernel("k2", "b.ipynb")];
    hub.set(
      hub.job("x", RUNNING),
      hub.job("y", QUEUED, {}, "live", "k2"),
      hub.job("z", DONE),
      hub.job("lost", RUNNING, {}, "lost")
    );
  });

  it("says how many they are and where, and cancels those that can be", async () => {
    await commands.execute(CommandIds.cancelAll);
    expect(services.ask).toHaveBeenCalledWith({
      title: "Cancel 2 jobs?",
      body: "1 running · 1 queued, in a.ipynb, b.ipynb.",
      yes: "Cancel 2 jobs",
      no: "Keep them"
    });
    expect(hub.asked).toEqual(["cancel all: x y"]);
  });

  it("cancels none where the reader says no", async () => {
    answer = false;
    await commands.execute(CommandIds.cancelAll);
    expect(hub.asked).toEqual([]);
  });

  it("can be about some of them", async () => {
    await commands.execute(CommandIds.cancelAll, { keys: ["y", "z", "nobody"] });
    expect(services.ask.mock.calls[0]?.[0].title).toBe("Cancel 1 job?");
    expect(hub.asked).toEqual(["cancel all: y"]);
  });

  it("names three notebooks at most", async () => {
    hub.kernels = ["k1", "k2", "k3", "k4", "k5"].map(id => kernel(id, `${id}.ipynb`));
    hub.jobs = hub.kernels.map(({ id }) => hub.job(id, RUNNING, {}, "live", id));
    await commands.execute(CommandIds.cancelAll);
    expect(services.ask.mock.calls[0]?.[0].body).toBe("5 running, in k1.ipynb, k2.ipynb, k3.ipynb and 2 more.");
  });

  it("is offered only where there is one", async () => {
    expect(commands.isEnabled(CommandIds.cancelAll)).toBe(true);
    hub.jobs = [hub.job("z", DONE)];
    expect(commands.isEnabled(CommandIds.cancelAll)).toBe(false);
    await commands.execute(CommandIds.cancelAll);
    expect(services.ask).not.toHaveBeenCalled();
  });
});

it("clears finished jobs, where there are any", async () => {
  hub.set(hub.job("x", RUNNING));
  expect(commands.isEnabled(CommandIds.clearFinished)).toBe(false);
  hub.set(hub.job("x", RUNNING, {}, "gone"));
  expect(commands.isEnabled(CommandIds.clearFinished)).toBe(true);
  await commands.execute(CommandIds.clearFinished);
  expect(hub.asked).toEqual(["clear finished"]);
});

describe("going to the cell", () => {
  it("is offered for jobs that know theirs", async () => {
    hub.set(hub.job("x", RUNNING, { cell_id: "c1" }), hub.job("y", RUNNING, { cell_id: null }));
    expect(commands.isEnabled(CommandIds.goToCell, { key: "y" })).toBe(false);
    await commands.execute(CommandIds.goToCell, { key: "x" });
    expect(services.goToCell.mock.calls[0]?.[0].key).toBe("x");
    expect(services.complain).not.toHaveBeenCalled();
  });

  it("says so where the cell is gone", async () => {
    services.goToCell.mockResolvedValue(false);
    hub.set(hub.job("x", RUNNING, { cell_id: "c1" }));
    await commands.execute(CommandIds.goToCell, { key: "x" });
    expect(services.complain).toHaveBeenCalledWith("The cell that started the job no longer exists.");
  });
});

it("copies the id", async () => {
  const writeText = vi.fn(() => Promise.resolve());
  vi.stubGlobal("navigator", { clipboard: { writeText } });
  hub.set(hub.job("x", RUNNING, { job_id: "id 7" }));
  await commands.execute(CommandIds.copyId, { key: "x" });
  expect(writeText).toHaveBeenCalledWith("id 7");
});

describe("code to re-attach", () => {
  it("is offered for jobs with a locator, and put into a cell", async () => {
    hub.set(
      hub.job("x", RUNNING, { locator: { provider: "qiskit_ibm_runtime", job_id: "a-1" } }),
      hub.job("y", RUNNING)
    );
    expect(commands.isEnabled(CommandIds.insertReattachCode, { key: "y" })).toBe(false);
    await commands.execute(CommandIds.insertReattachCode, { key: "x" });
    expect(services.insertCode.mock.calls[0]?.[1]).toContain("WidgetJob(QiskitRuntimeService().job('a-1'))");
  });

  it("says so where there is no notebook for it", async () => {
    services.insertCode.mockResolvedValue(false);
    hub.set(hub.job("x", RUNNING, { locator: { provider: "qiskit_ibm_runtime", job_id: "a-1" } }));
    await commands.execute(CommandIds.insertReattachCode, { key: "x" });
    expect(services.complain).toHaveBeenCalledWith("The notebook of the job could not be opened.");
  });
});

it("takes all of them away again", () => {
  commands = new CommandRegistry();
  const added = add();
  expect(commands.listCommands()).toHaveLength(6);
  added.dispose();
  expect(commands.listCommands()).toEqual([]);
});

it("describes what each takes", async () => {
  for (const id of commands.listCommands()) {
    const { args } = await commands.describedBy(id);
    expect(args, id).toMatchObject({ type: "object" });
  }
});

it("menus name commands that exist", () => {
  const { main, context } = schema["jupyter.lab.menus"];
  const named = [...main.flatMap(({ items }) => items), ...context].flatMap(item =>
    "command" in item ? [item.command] : []
  );
  expect(new Set(Object.values(CommandIds))).toEqual(new Set([...Object.values(CommandIds), ...named]));
  expect(named).toContain(CommandIds.openSidebar);
});
