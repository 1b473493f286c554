import { vi } from "vitest";

import type { IJobModel, IKernel } from "../src/wire/jobModel";
import type { Command, ICommandMessage } from "../src/wire/protocol";
import type { JobSnapshot, TextMap } from "../src/wire/snapshot";

/** Snapshot fields that are traits of their own. */
const TRAITS: readonly string[] = [
  "name",
  "state",
  "status_text",
  "progress",
  "queue_position",
  "message",
  "error",
  "cancel_state",
  "created_at",
  "started_at",
  "finished_at",
  "stale_since"
];

/** A kernel connection that keeps what it was asked to send. */
export class FakeKernel implements IKernel {
  readonly clientId = "client-1";
  readonly username = "reader";
  readonly messages: ICommandMessage[] = [];
  readonly flags: boolean[][] = [];
  /** How the rejections were handled: a kernel connection gives them when the kernel goes away. */
  readonly handlers: unknown[] = [];
  failure: Error | null = null;

  sendControlMessage(message: ICommandMessage, ...flags: boolean[]): { done: Promise<unknown> } {
    if (this.failure) {
      throw this.failure;
    }
    this.messages.push(message);
    this.flags.push(flags);
    const done = Promise.reject<unknown>(new Error("Canceled future for kernel message"));
    const handle = done.catch.bind(done);
    vi.spyOn(done, "catch").mockImplementation(handler => {
      this.handlers.push(handler);
      return handle(handler);
    });
    return { done };
  }
}

/** A model as anywidget hands it to a view: traits in, one "change" for each update, commands out. */
export class FakeModel implements IJobModel {
  /** What the reader asked for. */
  readonly sent: Command[] = [];
  /** How often a view asked for all that is known. */
  refreshes = 0;
  readonly listeners = new Set<() => void>();
  widget_manager: { kernel?: IKernel | null; get_model?: (id: string) => Promise<object> } | null = {};
  #traits: Record<string, unknown> = {};

  constructor(
    public snapshot: JobSnapshot,
    readonly extra: { control?: boolean; parts?: TextMap } = {}
  ) {
    this.#fill();
  }

  get(name: string): unknown {
    return this.#traits[name];
  }

  on(_event: string, listener: () => void): void {
    this.listeners.add(listener);
  }

  off(_event: string, listener: () => void): void {
    this.listeners.delete(listener);
  }

  send(content: Command): void {
    if (content.verb === "refresh") {
      this.refreshes += 1;
    } else {
      this.sent.push(content);
    }
  }

  /** The verbs that were sent over the comm. */
  get verbs(): readonly string[] {
    return this.sent.map(command => command.verb);
  }

  /** An update from the kernel. */
  update(change: Partial<JobSnapshot>): void {
    this.snapshot = { ...this.snapshot, ...change };
    this.#fill();
    this.listeners.forEach(listener => {
      listener();
    });
  }

  /** Puts any value into a trait, as only a broken kernel side would. */
  corrupt(name: string, value: unknown): void {
    this.#traits[name] = value;
  }

  #fill(): void {
    const entries = Object.entries(this.snapshot);
    const own = (name: string): boolean => name === "series" || TRAITS.includes(name);
    this.#traits = {
      ...Object.fromEntries(entries.filter(([name]) => own(name))),
      _snapshot_rest: Object.fromEntries(entries.filter(([name]) => !own(name))),
      _series: this.snapshot.series,
      _channel: { control: this.extra.control ?? false, version: 1 },
      _parts: this.extra.parts ?? {}
    };
  }
}
