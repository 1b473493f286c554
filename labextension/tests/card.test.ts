import { describe, expect, it, vi } from "vitest";

import type { JobSnapshot } from "../src/wire/snapshot";
import { FakeKernel, FakeModel } from "./fakes";
import { GOLDEN, golden, GOLDEN_NOW } from "./golden";
import { button, buttons, closeAll, notes, press, show, spoken, turnTimeByHand, update, wait } from "./page";

turnTimeByHand();

function facts(card: HTMLElement): string | null {
  return card.querySelector(".primwidgets-JobCard-facts")?.textContent ?? null;
}

function bar(card: HTMLElement): Element {
  const found = card.querySelector("[role=progressbar]");
  return found ?? expect.unreachable();
}

describe("the card of a job", () => {
  it.each(GOLDEN)("names itself, its state and its provider when $case", one => {
    const snapshot = golden(one.case);
    const card = show(new FakeModel(snapshot));
    expect(card.getAttribute("aria-label")).toContain(snapshot.provider);
    expect(card.textContent).toContain(snapshot.provider);
    expect(card.textContent).toContain((snapshot.name ?? snapshot.job_id).replace("\u202e", ""));
    expect(card.dataset["state"]).toBe(snapshot.state);
  });

  it.each([
    ["just wrapped", "Initializing"],
    ["queued behind many", "Queued"],
    ["running with progress", "Running"],
    ["done with counts", "Done"],
    ["being cancelled by its provider", "Cancelling"],
    ["deleted by its provider", "Gone"],
    ["cancel confirmed", "Cancelled"],
    ["failed", "Failed"]
  ])("says the state as a word and as a picture when %s", (name, word) => {
    const card = show(new FakeModel(golden(name)));
    expect(card.querySelector(".primwidgets-JobCard-state")?.textContent).toBe(word);
    expect(card.querySelectorAll("svg[aria-hidden=true]")).toHaveLength(1);
  });

  it("draws another picture for each state", () => {
    const pictures = GOLDEN.map(one => show(new FakeModel(golden(one.case))).querySelector("svg")?.innerHTML);
    expect(new Set(pictures).size).toBe(6);
  });

  it("follows the kernel", () => {
    const model = new FakeModel(golden("queued behind many"));
    const card = show(model);
    update(model, { state: "RUNNING", started_at: GOLDEN_NOW, progress: 0.5, progress_text: "1 of 2" });
    expect(facts(card)).toBe("50 % · 1 of 20 s");
    update(model, { state: "DONE", finished_at: GOLDEN_NOW + 1.5 });
    expect(facts(card)).toMatch(/^1 of 21\.5 s · \d+:\d\d/);
  });

  it("asks for what it may have missed where no Jupyter kernel serves it", () => {
    const served = new FakeModel(golden("running with progress"), { control: true });
    show(served);
    expect(served.refreshes).toBe(0);
    const model = new FakeModel(golden("running with progress"), { control: false });
    model.widget_manager = { kernel: new FakeKernel() };
    show(model);
    expect(model.refreshes).toBe(1);
  });

  it("is drawn where nothing can be asked", () => {
    const model = new FakeModel(golden("running with progress"), { control: false });
    vi.spyOn(model, "send").mockImplementation(() => {
      throw new Error("closed");
    });
    expect(show(model).dataset["state"]).toBe("RUNNING");
  });

  it("says how stale the state is, and what the provider said last", () => {
    const card = show(new FakeModel(golden("provider does not answer", { stale_since: GOLDEN_NOW - 12 })));
    expect(notes(card)).toEqual(["No answer from IonQ for 12 s", "ConnectionError: no route to host"]);
  });

  it("no longer complains of a silent provider when the job is over", () => {
    expect(notes(show(new FakeModel(golden("cancel confirmed", { stale_since: GOLDEN_NOW }))))).toEqual([]);
  });

  it("shows an error without any click", () => {
    expect(notes(show(new FakeModel(golden("failed"))))).toEqual(["ZeroDivisionError: division by zero"]);
  });
});

describe("the progress bar", () => {
  it("has a name and its value as number and text", () => {
    const attributes = bar(show(new FakeModel(golden("running with progress"))));
    expect(attributes.getAttribute("aria-label")).toBe("Progress of vqe step 3");
    expect(attributes.getAttribute("aria-valuemin")).toBe("0");
    expect(attributes.getAttribute("aria-valuemax")).toBe("100");
    expect(attributes.getAttribute("aria-valuenow")).toBe("42");
    expect(attributes.getAttribute("aria-valuetext")).toBe("42 %, 42 of 100 circuits");
  });

  it("has no value and moves while a job runs without saying how far it is", () => {
    const found = bar(show(new FakeModel(golden("cancel refused"))));
    expect(found.hasAttribute("aria-valuenow")).toBe(false);
    expect(found.querySelector(".primwidgets-JobCard-fill--unknown")).not.toBeNull();
  });

  it.each(["just wrapped", "queued behind many", "cancel confirmed", "failed"])("is there and empty when %s", name => {
    expect(bar(show(new FakeModel(golden(name)))).children).toHaveLength(0);
  });

  it("is full when the job is done", () => {
    expect(bar(show(new FakeModel(golden("done with counts")))).getAttribute("aria-valuenow")).toBe("100");
  });
});

describe("the time", () => {
  it("ticks in the browser while the kernel says nothing", () => {
    const card = show(new FakeModel(golden("cancel refused", { started_at: GOLDEN_NOW })));
    expect(facts(card)).toBe("0 s");
    wait(3);
    expect(facts(card)).toBe("3 s");
  });

  it("needs one timer for all cards and none when all jobs are over", () => {
    const models = ["running with progress", "queued behind many"].map(name => new FakeModel(golden(name)));
    models.forEach(model => show(model));
    wait(1);
    expect(vi.getTimerCount()).toBe(1);
    models.forEach(model => {
      update(model, { state: "DONE" });
    });
    wait(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("stands still while the page cannot be seen", () => {
    const card = show(new FakeModel(golden("cancel refused", { started_at: GOLDEN_NOW })));
    const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
    wait(3);
    expect(facts(card)).toBe("0 s");
    hidden.mockReturnValue(false);
    wait(0.25);
    expect(facts(card)).toBe("3 s");
  });
});

describe("a view that is closed", () => {
  it("leaves no listener, no timer and no element", () => {
    const model = new FakeModel(golden("running with progress"));
    const host = show(model).parentElement;
    show(model);
    expect(model.listeners.size).toBe(2);
    closeAll();
    expect(model.listeners.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
    expect(host?.childElementCount).toBe(0);
    expect(host?.className).toBe("");
  });
});

describe("the live region", () => {
  it("is silent about what was true from the start", () => {
    expect(spoken(show(new FakeModel(golden("running with progress"))))).toBe("");
  });

  it("tells of a new state, and not of running numbers", () => {
    const model = new FakeModel(golden("queued behind many"));
    const card = show(model);
    update(model, { queue_position: "7" });
    expect(spoken(card)).toBe("");
    update(model, { state: "RUNNING", started_at: GOLDEN_NOW });
    expect(spoken(card)).toBe("Running");
    update(model, { progress: 0.5 });
    wait(2);
    expect(spoken(card)).toBe("Running");
  });

  it.each<[Partial<JobSnapshot>, string]>([
    [{ cancel_state: "REQUESTED" }, "Running. Cancel requested…"],
    [{ cancel_state: "REQUESTED", being_cancelled: true }, "Cancelling. Cancelling…"],
    [{ cancel_state: "REFUSED", cancel_detail: "No." }, "Running. Cancel refused: No."],
    [{ state: "CANCELLED", cancel_state: "CONFIRMED" }, "Cancelled"],
    [{ state: "DONE", cancel_state: "TOO_LATE" }, "Done. Too late: it finished first"]
  ])("tells what became of a cancel: %j", (change, text) => {
    const model = new FakeModel(golden("running with progress"));
    const card = show(model);
    update(model, change);
    expect(spoken(card)).toBe(text);
  });
});

it.each(["queued behind many", "failed", "done with counts"])("keeps its keys from the notebook when %s", name => {
  const card = show(new FakeModel(golden(name)));
  buttons(card).forEach(word => {
    press(card, word ?? "");
  });
  if (button(card, "Details").getAttribute("aria-expanded") === "false") {
    press(card, "Details");
  }
  const focusable = [...card.querySelectorAll("button, [tabindex]")];
  expect(focusable.length).toBeGreaterThan(1);
  expect(focusable.filter(one => !one.hasAttribute("data-lm-suppress-shortcuts"))).toEqual([]);
});

it("offers nothing but details when a job is over without a result to show", () => {
  expect(buttons(show(new FakeModel(golden("cancel confirmed"))))).toEqual([]);
});
