import { act } from "preact/test-utils";
import { describe, expect, it, vi } from "vitest";

import { csvOf, textOf } from "../src/card/resultText";
import type { DisplayPreview, JobSnapshot, PanelsPreview } from "../src/wire/snapshot";
import { FakeModel } from "./fakes";
import { golden } from "./golden";
import { button, buttons, press, show, turnTimeByHand } from "./page";

turnTimeByHand();

const NOTHING: DisplayPreview = { kind: "display", summary: "", text: "", html: null, image: null, document: null };

function done(preview: Partial<DisplayPreview>): JobSnapshot {
  return golden("done with counts", { result_preview: { ...NOTHING, ...preview } });
}

/** The card with its details open. */
function opened(preview: Partial<DisplayPreview>): HTMLElement {
  const card = show(new FakeModel(done(preview)));
  press(card, "Details");
  return card;
}

describe("a result as Jupyter would display it", () => {
  it("stands on the card itself where it is short, and nothing more is offered", () => {
    const card = show(new FakeModel(done({ summary: "= −1.13728" })));
    expect(card.textContent).toContain("= −1.13728");
    expect(buttons(card)).toEqual([]);
  });

  it("is offered where there is more of it", () => {
    const card = show(new FakeModel(done({ summary: "list of 1,000 items", text: "[0, 1, …" })));
    press(card, "Show result");
    expect(card.querySelector(".primwidgets-JobCard-longText")?.textContent).toBe("[0, 1, …");
  });

  it("is an image, which no text replaces", () => {
    const card = opened({ summary: "Figure", text: "<Figure>", image: { format: "svg+xml", data: "PHN2Zy8+" } });
    const image = card.querySelector("img");
    expect([image?.getAttribute("src"), image?.alt]).toEqual(["data:image/svg+xml;base64,PHN2Zy8+", "Figure"]);
    expect(card.querySelector(".primwidgets-JobCard-longText")).toBeNull();
  });

  it("is HTML in a frame without scripts where the page has no sanitiser, and never in the page", () => {
    const card = opened({ text: "a  b", html: "<img src=x onerror=alert(1)><table></table>" });
    const frame = card.querySelector("iframe");
    expect(frame?.getAttribute("sandbox")).toBe("allow-same-origin");
    expect(frame?.getAttribute("srcdoc")).toContain("default-src 'none'");
    expect(card.querySelector("table.dataframe, img, [onerror]")).toBeNull();
  });

  it("is text where a document needs a renderer that the page does not have", () => {
    const card = opened({ text: "Figure(…)", document: { mime_type: "application/vnd.plotly.v1+json", data: "{}" } });
    expect(card.querySelector(".primwidgets-JobCard-longText")?.textContent).toBe("Figure(…)");
  });
});

describe("a panel as text", () => {
  const counts: PanelsPreview = {
    kind: "counts",
    panels: [{ title: "c", shots: 8, bars: [{ label: "=1+1", count: 6 }], other_outcomes: 2, other_count: 2 }],
    more_panels: 0
  };

  it("has a heading, and what is left out", () => {
    expect(textOf(counts, 0)).toBe("Outcome\tCount\tProbability\n=1+1\t6\t0.75\n2 other outcomes\t2\t0.25");
  });

  it("is no formula for a spreadsheet", () => {
    expect(csvOf(counts, 0)).toContain('" =1+1",6,0.75\r\n');
  });

  it("names what a curve runs over", () => {
    const curve: PanelsPreview = {
      kind: "expectation_values",
      panels: [{ title: "ZZ", axis: "parameter set", points: [{ label: "0", value: 1, std: null }], more_points: 0 }],
      more_panels: 0
    };
    expect(textOf(curve, 0)).toBe("parameter set\tValue\tStandard error\n0\t1\t");
  });
});

describe("a result of several circuits", () => {
  const panel = (title: string, count: number): object => ({
    title,
    shots: 10,
    bars: [{ label: "0", count }],
    other_outcomes: 0,
    other_count: 0
  });
  const preview = { kind: "counts", panels: [panel("circuit 0", 4), panel("circuit 1", 7)], more_panels: 0 };

  it("shows one at a time", () => {
    const card = show(
      new FakeModel(golden("done with counts", { result_preview: preview as unknown as PanelsPreview }))
    );
    press(card, "Show result");
    const chooser = card.querySelector("select");
    expect([...(chooser?.options ?? [])].map(option => option.text)).toEqual(["circuit 0", "circuit 1"]);
    expect(card.querySelectorAll("table")).toHaveLength(1);
    void act(() => {
      if (chooser) {
        chooser.value = "1";
        chooser.dispatchEvent(new Event("change", { bubbles: true }));
      }
    });
    expect(card.querySelector("caption")?.textContent).toContain("circuit 1");
  });

  it("is saved as a file", () => {
    const card = show(new FakeModel(golden("done with counts")));
    press(card, "Show result");
    const url = vi.spyOn(URL, "createObjectURL").mockReturnValue("blob:x");
    vi.spyOn(URL, "revokeObjectURL").mockReturnValue();
    const clicked = vi.spyOn(HTMLAnchorElement.prototype, "click").mockReturnValue();
    button(card, "Save as CSV").click();
    expect(url).toHaveBeenCalledOnce();
    expect((clicked.mock.contexts[0] as HTMLAnchorElement).download).toBe("circuit 0 - meas.csv");
  });
});
