import { describe, expect, it } from "vitest";

import createCard from "../src/card/card";
import { FakeModel } from "./fakes";
import { golden } from "./golden";
import { button, press, show, turnTimeByHand } from "./page";

turnTimeByHand();

describe("the fold", () => {
  it("opens and closes", () => {
    const card = show(new FakeModel(golden("running with progress")));
    expect(card.textContent).not.toContain("Timeline");
    press(card, "Details");
    expect(button(card, "Details").getAttribute("aria-expanded")).toBe("true");
    expect(card.textContent).toContain("Timeline");
    press(card, "Details");
    expect(button(card, "Details").getAttribute("aria-expanded")).toBe("false");
    expect(card.textContent).not.toContain("Timeline");
  });

  it("is one for all views of a job, also for those that come later", () => {
    const hooks = createCard();
    const model = new FakeModel(golden("running with progress"));
    const first = show(model, hooks);
    press(show(model, hooks), "Details");
    expect(first.textContent).toContain("Timeline");
    expect(show(model, hooks).textContent).toContain("Timeline");
  });

  it("shows ids, words, metadata, the rows of a subclass and how to find the job again", () => {
    const snapshot = golden("done, the picture is a download away", { metadata: { shots: "1024" }, status_text: "Ok" });
    const card = show(new FakeModel(snapshot, { parts: { Energy: "-1.2" } }));
    press(card, "Details");
    const rows = [...card.querySelectorAll("dl > div")].map(row => [...row.children].map(cell => cell.textContent));
    expect(rows).toEqual([
      ["Job ID", "dCopy ID"],
      ["Provider", "IBM Quantum"],
      ["Provider’s status", "Ok"],
      ["Energy", "-1.2"],
      ["shots", "1024"],
      ["provider", "qiskit_ibm_runtime"],
      ["job_id", "d"]
    ]);
  });

  it("shows the states the job went through", () => {
    const card = show(new FakeModel(golden("done with counts")));
    press(card, "Details");
    const lines = [...card.querySelectorAll("ol > li")].map(line => line.textContent);
    expect(lines.map(line => line.slice(0, 4))).toEqual(["Runn", "Done"]);
    expect(lines[0]).toMatch(/^Running12\.3 s/);
    expect(card.querySelector<HTMLTimeElement>("ol time")?.dateTime).toBe(new Date(1_790_000_000_100).toISOString());
  });

  it("shows the traceback, which a keyboard can scroll", () => {
    const card = show(new FakeModel(golden("failed")));
    press(card, "Details");
    const traceback = card.querySelector("pre");
    expect(traceback?.textContent).toBe(golden("failed").error?.traceback);
    expect(traceback?.tabIndex).toBe(0);
  });

  it("shows an error in full where no traceback holds it", () => {
    const error = { type: "QueueError", message: "long ".repeat(200), traceback: null, chain: [] };
    const card = show(new FakeModel(golden("failed", { error })));
    press(card, "Details");
    expect(card.querySelector("pre")?.textContent).toBe(`QueueError: ${error.message}`);
  });
});

describe("untrusted text", () => {
  it("is text and makes no element", () => {
    const hostile = "<img src=x onerror=alert(1)><script>alert(2)</script>";
    const card = show(
      new FakeModel(
        golden("hostile text", {
          backend: hostile,
          message: hostile,
          error: { type: hostile, message: hostile, traceback: hostile, chain: [] },
          locator: { [hostile]: hostile },
          metadata: { [hostile]: hostile }
        }),
        { parts: { [hostile]: hostile } }
      )
    );
    press(card, "Details");
    expect(document.querySelectorAll("img, script, i, b, k, v, h1")).toHaveLength(0);
    expect(card.textContent.split(hostile).length).toBeGreaterThan(8);
  });

  it("cannot turn the text beside it around", () => {
    const card = show(new FakeModel(golden("hostile text")));
    const name = golden("hostile text").name?.replace("\u202e", "");
    expect(card.querySelector(".primwidgets-JobCard-title > bdi")?.textContent).toBe(name);
  });
});
