import { act } from "preact/test-utils";
import { afterEach, describe, expect, it, vi } from "vitest";

import { copyText } from "../src/card/copyText";
import { FakeModel } from "./fakes";
import { golden } from "./golden";
import { press, show, spoken, turnTimeByHand } from "./page";

type Copied = string[];

function giveClipboard(clipboard: { writeText: (text: string) => Promise<void> } | undefined): void {
  Object.defineProperty(navigator, "clipboard", { value: clipboard, configurable: true });
}

/** The old way of copying: the browser copies what is selected. */
function giveCommand(works: boolean): Copied {
  const copied: Copied = [];
  const execCommand = (): boolean => {
    copied.push((document.activeElement as HTMLTextAreaElement).value);
    return works;
  };
  Object.defineProperty(document, "execCommand", { value: execCommand, configurable: true });
  return copied;
}

afterEach(() => {
  giveClipboard(undefined);
  Reflect.deleteProperty(document, "execCommand");
});

describe("copying", () => {
  it("uses the clipboard", async () => {
    const copied: Copied = [];
    giveClipboard({
      writeText: text => {
        copied.push(text);
        return Promise.resolve();
      }
    });
    expect(await copyText("id-1")).toBe(true);
    expect(copied).toEqual(["id-1"]);
  });

  it("uses the selection where there is no clipboard, and gives the focus back", async () => {
    const copied = giveCommand(true);
    const field = document.createElement("input");
    document.body.append(field);
    field.focus();
    expect(await copyText("id-1")).toBe(true);
    expect(copied).toEqual(["id-1"]);
    expect(document.querySelector("textarea")).toBeNull();
    expect(document.activeElement).toBe(field);
  });

  it("uses the selection where the clipboard is not allowed, and says when that fails too", async () => {
    giveClipboard({ writeText: () => Promise.reject(new Error("NotAllowedError")) });
    const copied = giveCommand(false);
    expect(await copyText("id-1")).toBe(false);
    expect(copied).toEqual(["id-1"]);
  });
});

describe("the copy button", () => {
  turnTimeByHand();

  it("copies the provider's id, says so for a moment and announces it", async () => {
    const copied = giveCommand(true);
    const card = show(new FakeModel(golden("done with counts")));
    press(card, "Details");
    const copy = card.querySelector<HTMLButtonElement>("[aria-label='Copy ID']");
    await act(async () => {
      copy?.click();
      await vi.advanceTimersByTimeAsync(0);
    });
    expect(copied).toEqual(["b"]);
    expect(copy?.textContent).toBe("Copied");
    expect(spoken(card)).toBe("Copied");
    await act(async () => {
      await vi.advanceTimersByTimeAsync(2000);
    });
    expect(copy?.textContent).toBe("Copy ID");
  });
});
