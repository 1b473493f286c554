import { CommandRegistry } from "@lumino/commands";
import { beforeEach, describe, expect, it } from "vitest";

import { JobPlaces } from "../src/lab/commands/jobPlaces";
import { FakeHub, kernel, RUNNING } from "./fakeHub";

/** A notebook that is open, with cells of the given ids. */
class FakeNotebook {
  readonly id: string;
  readonly context: { path: string };
  readonly sessionContext: { session: { kernel: { id: string } | null } };
  readonly revealed = Promise.resolve();
  readonly content;

  constructor(path: string, kernelId: string | null, ...cells: readonly string[]) {
    this.id = `panel of ${path}`;
    this.context = { path };
    this.sessionContext = { session: { kernel: kernelId === null ? null : { id: kernelId } } };
    this.content = new FakeCells(cells);
  }
}

class FakeCells {
  activeCellIndex = 0;
  readonly scrolled: number[] = [];
  readonly inserted: unknown[] = [];
  readonly model = { sharedModel: { insertCell: (...cell: unknown[]) => this.inserted.push(cell) } };
  readonly widgets: readonly { model: { id: string } }[];

  constructor(cells: readonly string[]) {
    this.widgets = cells.map(id => ({ model: { id } }));
  }

  get activeCell() {
    return this.widgets[this.activeCellIndex] ?? null;
  }

  deselectAll(): void {
    this.activeCellIndex = -1;
  }

  scrollToItem(index: number): Promise<void> {
    this.scrolled.push(index);
    return Promise.resolve();
  }
}

/** A console that is open, with cells of the given ids. */
class FakeConsole {
  readonly id = "console";
  readonly sessionContext = { session: { kernel: { id: "k1" } } };
  readonly revealed = Promise.resolve();
  readonly scrolled: string[] = [];
  readonly console;

  constructor(...cells: readonly string[]) {
    const show = (id: string) => () => this.scrolled.push(id);
    this.console = { cells: cells.map(id => ({ model: { id }, node: { scrollIntoView: show(id) } })) };
  }
}

/** Those that are open. */
class FakeTracker<Item> {
  readonly open: Item[] = [];
  currentWidget: Item | null = null;

  find(wanted: (item: Item) => boolean): Item | undefined {
    return this.open.find(wanted);
  }
}

let hub: FakeHub;
let notebooks: FakeTracker<FakeNotebook>;
let consoles: FakeTracker<FakeConsole>;
let activated: string[];
/** What opening a path brings. */
let closed: (FakeNotebook | FakeConsole)[];
let places: JobPlaces;

beforeEach(() => {
  hub = new FakeHub();
  notebooks = new FakeTracker();
  consoles = new FakeTracker();
  activated = [];
  closed = [];
  const commands = new CommandRegistry();
  commands.addCommand("docmanager:open", {
    describedBy: { args: {} },
    execute: ({ path }) => {
      notebooks.open.push(
        ...closed.filter(one => one instanceof FakeNotebook).filter(one => one.context.path === path)
      );
    }
  });
  commands.addCommand("console:open", {
    describedBy: { args: {} },
    execute: () => consoles.open.push(...closed.filter(one => one instanceof FakeConsole))
  });
  const shell = { activateById: (id: string) => activated.push(id) };
  places = new JobPlaces({ commands, shell } as never, hub, notebooks as never, consoles as never);
});

const job = (cell_id: string | null, kernelId = "k1") => hub.job("x", RUNNING, { cell_id }, "live", kernelId);

describe("going to the cell", () => {
  it("shows it in the notebook of the job's kernel", async () => {
    const notebook = new FakeNotebook("a.ipynb", "k1", "c0", "c1");
    notebooks.open.push(new FakeNotebook("b.ipynb", "k2", "c1"), notebook);
    expect(await places.goToCell(job("c1"))).toBe(true);
    expect(activated).toEqual([notebook.id]);
    expect(notebook.content.activeCellIndex).toBe(1);
    expect(notebook.content.scrolled).toEqual([1]);
  });

  it("finds the notebook by its path where it has another kernel by now", async () => {
    notebooks.open.push(new FakeNotebook("a.ipynb", null, "c1"));
    expect(await places.goToCell(job("c1"))).toBe(true);
  });

  it("opens the notebook where it is closed", async () => {
    const notebook = new FakeNotebook("a.ipynb", "k1", "c0", "c1");
    closed.push(notebook);
    expect(await places.goToCell(job("c1"))).toBe(true);
    expect(notebook.content.activeCellIndex).toBe(1);
  });

  it.each(["deleted", null])("shows the notebook at least where the cell is %s", async cell => {
    const notebook = new FakeNotebook("a.ipynb", "k1", "c0");
    notebooks.open.push(notebook);
    expect(await places.goToCell(job(cell))).toBe(false);
    expect(activated).toEqual([notebook.id]);
    expect(notebook.content.activeCellIndex).toBe(0);
  });

  it.each(["open", "closed"])("shows it in a console that is %s", async state => {
    const console = new FakeConsole("c0", "c1");
    hub.kernels = [kernel("k1", "console-1", { type: "console" })];
    (state === "open" ? consoles.open : closed).push(console);
    expect(await places.goToCell(job("c1"))).toBe(true);
    expect(activated).toEqual(["console"]);
    expect(console.scrolled).toEqual(["c1"]);
    expect(await places.goToCell(job("cleared"))).toBe(false);
  });

  it("opens nothing for a kernel that is unknown, or that belongs to no file", async () => {
    expect(await places.goToCell(job("c1", "k9"))).toBe(false);
    hub.kernels = [kernel("k1", "")];
    expect(await places.goToCell(job("c1"))).toBe(false);
    expect(activated).toEqual([]);
  });
});

describe("inserting code", () => {
  it("puts it behind the job's cell", async () => {
    const notebook = new FakeNotebook("a.ipynb", "k1", "c0", "c1", "c2");
    notebooks.open.push(notebook);
    expect(await places.insertCode(job("c1"), "1 + 1")).toBe(true);
    expect(notebook.content.inserted).toEqual([[2, { cell_type: "code", source: "1 + 1" }]]);
    expect(notebook.content.activeCellIndex).toBe(2);
  });

  it("puts it behind the selected cell where the job's is gone", async () => {
    const notebook = new FakeNotebook("a.ipynb", "k1", "c0", "c2");
    notebooks.open.push(notebook);
    await places.insertCode(job("c1"), "1 + 1");
    expect(notebook.content.inserted).toHaveLength(1);
    expect(notebook.content.activeCellIndex).toBe(1);
  });

  it("does not where there is no notebook", async () => {
    expect(await places.insertCode(job("c1"), "1 + 1")).toBe(false);
  });
});

describe("the reader", () => {
  it("is at the selected cell of the notebook in front", () => {
    notebooks.currentWidget = new FakeNotebook("a.ipynb", "k1", "c0");
    expect(places.current()).toEqual({ kernelId: "k1", cellId: "c0" });
  });

  it("is nowhere without a notebook or without a kernel", () => {
    expect(places.current()).toBeNull();
    notebooks.currentWidget = new FakeNotebook("a.ipynb", null, "c0");
    expect(places.current()).toBeNull();
  });
});
