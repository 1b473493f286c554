/** What the card remembers by itself: nothing of it is known to the kernel, and all views of one job share it. */
import type { Channel } from "../wire/channel";
import type { Verb } from "../wire/protocol";
import { isFinal, type CancelState, type JobSnapshot, type RunSummary } from "../wire/snapshot";

/** A command that was sent and not yet answered. `at` is epoch seconds; `seen` is what the card showed then. */
export type Sent = Readonly<{
  channel: Channel;
  at: number;
  seen: CancelState;
  /** How often the job had been run again then, and why that was last not possible. */
  run?: RunSummary | null;
  /** Whether it was sent on the control channel before, without an answer. */
  again?: boolean;
}>;

/** A progress (0..1) and when, in epoch seconds, it was first seen. */
export type ProgressMark = Readonly<{ value: number; at: number }>;

/** The card's own state at one moment. */
export type CardUi = Readonly<{
  /** Whether the details are open. */
  open: boolean;
  /** The unanswered commands. */
  sent: Readonly<Partial<Record<Verb, Sent>>>;
  /** Since when the provider has been asked to cancel, as this page saw it. */
  requestedAt: number | null;
  /** The last change of the progress and when this page saw it. */
  progress: ProgressMark | null;
  /** Whether the page has shown the job before its end, and its card has not shrunk to one line since. */
  tall?: boolean;
  /** When the kernel last sent the job's state, in epoch seconds; `null` or left out where that is unknown. */
  seenAt?: number | null;
}>;

const ANSWERED: Readonly<Record<Verb, (snapshot: JobSnapshot, sent: Sent) => boolean>> = {
  cancel: (snapshot, sent) => isFinal(snapshot.state) || snapshot.cancel_state !== sent.seen,
  stop_waiting: snapshot => !snapshot.waiting,
  preview: snapshot => snapshot.result_preview !== null || !snapshot.can_preview,
  rerun: ({ run }, sent) =>
    run === null || !run.can_rerun || run.reruns !== sent.run?.reruns || run.problem !== sent.run.problem,
  refresh: () => true
};

/** Holds the card's own state and notifies its views when that changes. */
export class CardState {
  #ui: CardUi = { open: false, sent: {}, requestedAt: null, progress: null };
  readonly #listeners = new Set<() => void>();

  get ui(): CardUi {
    return this.#ui;
  }

  /** Calls `listener` after each change, until the function that is returned is called. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  setOpen(open: boolean): void {
    this.#change({ open });
  }

  /** Notes that the card of the ended job is one line now. */
  settle(): void {
    this.#change({ tall: false });
  }

  /** Notes that a command is on its way. */
  noteSent(verb: Verb, sent: Sent): void {
    this.#change({ sent: { ...this.#ui.sent, [verb]: sent } });
  }

  /** Notes when the kernel last reported the job. The caller draws, so no listener is called. */
  noteSeen(seenAt: number | null): void {
    this.#ui = { ...this.#ui, seenAt };
  }

  /** Takes in a new snapshot: drops the commands that it answers. The caller draws, so no listener is called. */
  apply(snapshot: JobSnapshot, now: number): void {
    const unanswered = Object.entries(this.#ui.sent).filter(([verb, sent]) => !ANSWERED[verb as Verb](snapshot, sent));
    const requested = snapshot.cancel_state === "REQUESTED";
    this.#ui = {
      ...this.#ui,
      sent: Object.fromEntries(unanswered),
      tall: (this.#ui.tall ?? false) || !isFinal(snapshot.state),
      requestedAt: requested ? (this.#ui.requestedAt ?? now) : null,
      progress: markProgress(this.#ui.progress, snapshot.progress, now)
    };
  }

  #change(change: Partial<CardUi>): void {
    this.#ui = { ...this.#ui, ...change };
    for (const listener of [...this.#listeners]) {
      listener();
    }
  }
}

function markProgress(mark: ProgressMark | null, progress: number | null, now: number): ProgressMark | null {
  if (progress === null) {
    return null;
  }
  return mark?.value === progress ? mark : { value: progress, at: now };
}
