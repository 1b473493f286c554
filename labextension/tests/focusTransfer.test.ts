import { describe, expect, it, vi } from "vitest";

import createCard from "../src/card/card";
import { FakeModel } from "./fakes";
import { golden } from "./golden";
import { button, show, turnTimeByHand } from "./page";

turnTimeByHand();

describe("a view that takes the place of another one", () => {
  const model = new FakeModel(golden("running with progress"));

  it("gets its focus", () => {
    const hooks = createCard();
    const old = show(model, hooks);
    button(old, "Cancel").focus();
    document.body.replaceChildren();
    const focus = show(model, hooks);
    vi.advanceTimersToNextFrame();
    expect(document.activeElement).toBe(button(focus, "Details"));
  });

  it("takes no focus that has found another place", () => {
    const hooks = createCard();
    const field = document.createElement("input");
    button(show(model, hooks), "Cancel").focus();
    document.body.replaceChildren(field);
    field.focus();
    show(model, hooks);
    vi.advanceTimersToNextFrame();
    expect(document.activeElement).toBe(field);
  });

  it("takes no focus that the old view gave away before", () => {
    const hooks = createCard();
    const field = document.createElement("input");
    document.body.append(field);
    button(show(model, hooks), "Cancel").focus();
    field.focus();
    document.body.replaceChildren();
    show(model, hooks);
    vi.advanceTimersToNextFrame();
    expect(document.activeElement).toBe(document.body);
  });

  it("takes no focus from a view that is still there", () => {
    const hooks = createCard();
    const old = show(model, hooks);
    button(old, "Cancel").focus();
    show(model, hooks);
    vi.advanceTimersToNextFrame();
    expect(document.activeElement).toBe(button(old, "Cancel"));
  });
});
