import { describe, expect, it } from "vitest";

import createCard from "../src/card/card";
import type { JobSnapshot } from "../src/wire/snapshot";
import { FakeKernel, FakeModel } from "./fakes";
import { golden } from "./golden";
import { button, buttons, notes, press, show, spoken, turnTimeByHand, type, update, wait } from "./page";

const SENT_AGAIN = "The kernel has not answered yet. Sent again: it is handled when the running cell ends.";

turnTimeByHand();

function running(change: Partial<JobSnapshot> = {}): FakeModel {
  return new FakeModel(golden("running with progress", { message: null, waiting: false, ...change }));
}

/** A running job whose kernel listens on its control channel. */
function runningOnControl(): { model: FakeModel; kernel: FakeKernel } {
  const kernel = new FakeKernel();
  const model = new FakeModel(running().snapshot, { control: true });
  model.widget_manager = { kernel };
  return { model, kernel };
}

describe("Cancel on a local job", () => {
  it("is sent at the first click, and the card says so at once", () => {
    const model = running();
    const card = show(model);
    press(card, "Cancel");
    expect(model.sent).toEqual([{ primwidgets: 1, verb: "cancel", uid: "u3" }]);
    expect(button(card, "Cancelling…").getAttribute("aria-disabled")).toBe("true");
    expect(spoken(card)).toBe("Running. Cancelling…");
  });

  it("does nothing more at the second click of a double click", () => {
    const model = running();
    const card = show(model);
    press(card, "Cancel");
    press(card, "Cancelling…", 2);
    expect(model.verbs).toEqual(["cancel"]);
  });

  it("does nothing more while the request is under way, in no view", () => {
    const model = running();
    const hooks = createCard();
    const first = show(model, hooks);
    const second = show(model, hooks);
    press(first, "Cancel");
    press(first, "Cancelling…");
    press(second, "Cancelling…");
    update(model, { cancel_state: "REQUESTED" });
    press(second, "Cancel requested…");
    expect(model.verbs).toEqual(["cancel"]);
  });

  it("says what a request waits for", () => {
    const card = show(running({ cancel_state: "REQUESTED", cancel_detail: "It stops at its next step." }));
    expect(notes(card)).toEqual(["It stops at its next step."]);
  });

  it("keeps the focus on the button", () => {
    const card = show(running());
    button(card, "Cancel").focus();
    press(card, "Cancel");
    expect(document.activeElement).toBe(button(card, "Cancelling…"));
  });

  it("gives the focus to the fold when the button goes", () => {
    const model = running();
    const card = show(model);
    button(card, "Cancel").focus();
    update(model, { state: "CANCELLED", cancel_state: "CONFIRMED" });
    expect(buttons(card)).toEqual([]);
    expect(document.activeElement).toBe(button(card, "Details"));
  });

  it("takes the focus from nobody else when the button goes", () => {
    const model = running();
    show(model);
    const field = document.createElement("input");
    document.body.append(field);
    field.focus();
    update(model, { state: "DONE" });
    expect(document.activeElement).toBe(field);
  });
});

describe("Cancel on somebody else's machine", () => {
  it("asks once, and sends when the answer is yes", () => {
    const model = running({ remote: true });
    const card = show(model);
    press(card, "Cancel");
    expect(model.sent).toEqual([]);
    expect(buttons(card)).toEqual(["Cancel job", "Keep running"]);
    press(card, "Cancel job");
    expect(model.verbs).toEqual(["cancel"]);
    expect(buttons(card)).toEqual(["Cancelling…"]);
  });

  it("keeps the job when the answer is no", () => {
    const model = running({ remote: true });
    const card = show(model);
    press(card, "Cancel");
    press(card, "Keep running");
    expect(model.sent).toEqual([]);
    expect(buttons(card)).toEqual(["Cancel"]);
  });

  it("puts the focus on the harmless answer, and back afterwards", () => {
    const card = show(running({ remote: true }));
    press(card, "Cancel");
    expect(document.activeElement).toBe(button(card, "Keep running"));
    type("Escape");
    expect(document.activeElement).toBe(button(card, "Cancel"));
    press(card, "Cancel");
    press(card, "Cancel job");
    expect(document.activeElement).toBe(button(card, "Cancelling…"));
  });

  it("does not take the second click of a double click for an answer", () => {
    const model = running({ remote: true });
    const card = show(model);
    press(card, "Cancel");
    press(card, "Cancel job", 2);
    press(card, "Keep running", 2);
    expect(model.sent).toEqual([]);
    expect(buttons(card)).toEqual(["Cancel job", "Keep running"]);
  });

  it("drops the question when the job ends meanwhile", () => {
    const model = running({ remote: true });
    const card = show(model);
    press(card, "Cancel");
    update(model, { state: "DONE" });
    expect(buttons(card)).toEqual([]);
    expect(document.activeElement).toBe(button(card, "Details"));
  });
});

describe("the answer to a cancel", () => {
  it("is first that the provider has been asked", () => {
    const model = running();
    const card = show(model);
    press(card, "Cancel");
    update(model, { cancel_state: "REQUESTED" });
    expect(buttons(card)).toEqual(["Cancel requested…"]);
    expect(notes(card)).toEqual([]);
  });

  it("is the provider's reason where it refuses, and Cancel is offered again", () => {
    const model = running();
    const card = show(model);
    press(card, "Cancel");
    update(model, { cancel_state: "REQUESTED" });
    update(model, { cancel_state: "REFUSED", cancel_detail: "Calibrating." });
    expect(notes(card)).toEqual(["Cancel refused: Calibrating."]);
    press(card, "Cancel");
    expect(model.verbs).toEqual(["cancel", "cancel"]);
    expect(buttons(card)).toEqual(["Cancelling…"]);
    update(model, { cancel_state: "REQUESTED" });
    update(model, { cancel_state: "REFUSED", cancel_detail: "Still." });
    expect(notes(card)).toEqual(["Cancel refused: Still."]);
  });

  it("needs no reason", () => {
    expect(notes(show(running({ cancel_state: "REFUSED" })))).toEqual(["Cancel refused"]);
  });

  it("can be that it came too late", () => {
    const model = running();
    const card = show(model);
    press(card, "Cancel");
    update(model, { state: "DONE", cancel_state: "TOO_LATE" });
    expect(notes(card)).toEqual(["Too late: it finished first"]);
    expect(buttons(card)).toEqual([]);
  });

  it("is not waited for when the job is over", () => {
    const model = running();
    const card = show(model);
    press(card, "Cancel");
    update(model, { state: "ERROR" });
    wait(5);
    expect(notes(card)).toEqual([]);
  });

  it("shows a confirmed cancel as such until the state follows", () => {
    const card = show(running({ cancel_state: "CONFIRMED" }));
    expect(button(card, "Cancelled").getAttribute("aria-disabled")).toBe("true");
  });
});

describe("a cancel without an answer", () => {
  it("is said to wait for the running cell when it went over the comm", () => {
    const model = running();
    const card = show(model);
    press(card, "Cancel");
    wait(0.5);
    expect(notes(card)).toEqual([]);
    wait(0.5);
    expect(notes(card)).toEqual(["The kernel is busy: it handles the request when the running cell ends"]);
    expect(buttons(card)).toEqual(["Cancelling…"]);
    update(model, { cancel_state: "REQUESTED" });
    expect(notes(card)).toEqual([]);
  });

  it("is tried over the comm where nobody answers on control, once, and the card says what it waits for", () => {
    const { model } = runningOnControl();
    const card = show(model);
    press(card, "Cancel");
    wait(2.5);
    expect(model.sent).toEqual([]);
    wait(0.75);
    expect(model.verbs).toEqual(["cancel"]);
    expect(notes(card)).toEqual([SENT_AGAIN]);
    wait(60);
    expect(model.verbs).toEqual(["cancel"]);
    update(model, { cancel_state: "REQUESTED" });
    expect(notes(card)).toEqual([]);
  });

  it("is not sent again once it is answered, however late the provider is", () => {
    const { model } = runningOnControl();
    const card = show(model);
    press(card, "Cancel");
    wait(1);
    update(model, { cancel_state: "REQUESTED" });
    wait(60);
    expect(model.sent).toEqual([]);
  });

  it("may be sent again when it went over control, where answers take milliseconds", () => {
    const { model, kernel } = runningOnControl();
    const card = show(model);
    press(card, "Cancel");
    wait(2.5);
    expect(notes(card)).toEqual([]);
    wait(0.75);
    expect(notes(card)).toEqual([SENT_AGAIN]);
    press(card, "Cancel");
    expect(kernel.messages.map(message => message.content.data.verb)).toEqual(["cancel", "cancel"]);
    expect(notes(card)).toEqual([]);
  });
});

describe("a job that cannot be cancelled", () => {
  const name = "running, progress unknown, cannot be cancelled";

  it("says why and offers to stop waiting where a cell waits", () => {
    const model = new FakeModel(golden(name));
    const card = show(model);
    expect(notes(card)).toEqual(["A local primitive cannot be stopped while it runs."]);
    expect(buttons(card)).toEqual(["Stop waiting"]);
    press(card, "Stop waiting");
    press(card, "Stopping…");
    expect(model.verbs).toEqual(["stop_waiting"]);
    update(model, { waiting: false });
    expect(buttons(card)).toEqual([]);
    expect(button(card, "Details")).not.toBeNull();
  });

  it("offers nothing where nobody waits", () => {
    expect(buttons(show(new FakeModel(golden(name, { waiting: false }))))).toEqual([]);
  });

  it("can be asked again to stop waiting, and says what it waits for", () => {
    const model = new FakeModel(golden(name));
    const card = show(model);
    press(card, "Stop waiting");
    wait(1);
    expect(notes(card)).toContain("The kernel is busy: it handles the request when the running cell ends");
    press(card, "Stop waiting");
    expect(model.verbs).toEqual(["stop_waiting", "stop_waiting"]);
  });
});

describe("Stop waiting on a job that can be cancelled", () => {
  it("is not offered at first", () => {
    expect(buttons(show(running({ waiting: true })))).toEqual(["Cancel"]);
  });

  it("is offered beside Cancel where the provider refused", () => {
    expect(buttons(show(running({ waiting: true, cancel_state: "REFUSED" })))).toEqual(["Stop waiting", "Cancel"]);
  });

  it("is offered when the provider takes its time", () => {
    const model = running({ waiting: true });
    const card = show(model);
    update(model, { cancel_state: "REQUESTED" });
    wait(2.5);
    expect(buttons(card)).toEqual(["Cancel requested…"]);
    wait(0.75);
    expect(buttons(card)).toEqual(["Stop waiting", "Cancel requested…"]);
  });
});
