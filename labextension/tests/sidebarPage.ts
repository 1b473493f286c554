/** Shows the sidebar in the test's document and reads it as its reader would. */
import "./dragEvent";

import { MessageLoop } from "@lumino/messaging";
import { Widget } from "@lumino/widgets";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, vi } from "vitest";

import type { IHubJob } from "../src/hub/tokens";
import { JobsPanel } from "../src/lab/sidebar/jobsPanel";
import type { ISidebarActions } from "../src/lab/sidebar/jobsView";
import { SidebarState } from "../src/lab/sidebar/sidebarState";
import { FakeHub } from "./fakeHub";

type FakeActions = { [Verb in keyof ISidebarActions]: ReturnType<typeof vi.fn<ISidebarActions[Verb]>> };

/** A sidebar with a hub whose jobs the test moves. It is shown by `open`. */
export class SidebarPage {
  readonly hub = new FakeHub();
  readonly state = new SidebarState();
  readonly actions: FakeActions = { cancelAll: vi.fn(), clearFinished: vi.fn(), goToCell: vi.fn() };
  readonly panel = new JobsPanel({ hub: this.hub, state: this.state, actions: this.actions });

  open(): void {
    Widget.attach(this.panel, document.body);
    this.settle();
  }

  close(): void {
    void act(() => {
      this.panel.dispose();
    });
  }

  /** Lets the page draw what was asked for. */
  settle(): void {
    void act(() => {
      MessageLoop.flush();
    });
  }

  /** News of jobs, drawn. */
  set(...jobs: readonly IHubJob[]): void {
    this.hub.set(...jobs);
    this.settle();
  }

  all(selector: string): readonly HTMLElement[] {
    return [...this.panel.node.querySelectorAll<HTMLElement>(selector)];
  }

  one(selector: string): HTMLElement {
    const found = this.panel.node.querySelector<HTMLElement>(selector);
    if (!found) {
      throw new Error(`Nothing is ${selector}`);
    }
    return found;
  }

  /** The keys of the jobs that are drawn. */
  get rows(): readonly (string | undefined)[] {
    return this.all("[data-job]").map(row => row.dataset["job"]);
  }

  get headings(): readonly (string | null)[] {
    return this.all("h3 button").map(heading => heading.textContent);
  }

  press(word: string): void {
    const button = this.all("button").find(({ textContent }) => textContent === word);
    if (!button) {
      throw new Error(`No button says ${word}`);
    }
    void act(() => {
      button.click();
    });
    this.settle();
  }

  /** Writes into the search field. */
  type(text: string): void {
    this.#enter("input", text, "input");
  }

  /** Chooses an order. */
  choose(order: string): void {
    this.#enter("select", order, "change");
  }

  #enter(selector: string, value: string, event: string): void {
    const field = this.one(selector) as HTMLInputElement;
    field.value = value;
    void act(() => {
      field.dispatchEvent(new Event(event, { bubbles: true }));
    });
    this.settle();
  }
}

/** Gives each test of the file a sidebar of its own, and time that passes by hand. */
export function withSidebar(use: (page: SidebarPage) => void): void {
  let page: SidebarPage;
  beforeEach(() => {
    vi.useFakeTimers();
    page = new SidebarPage();
    use(page);
  });
  afterEach(() => {
    page.close();
    vi.useRealTimers();
    document.body.replaceChildren();
  });
}
