/** What the hub offers to the rest of the extension, and to other extensions. */
import { Token } from "@lumino/coreutils";
import type { ISignal } from "@lumino/signaling";

import type { CardUi } from "../card/cardState";
import type { IJobActions } from "../card/jobActions";
import type { JobConnection } from "../card/connection";
import type { JobSnapshot } from "../wire/snapshot";

export type { JobConnection };

/** A job as this page knows it. Immutable: after a change there is another object with the same key. */
export interface IHubJob {
  /** Names the job among those of all kernels. */
  readonly key: string;
  readonly kernelId: string;
  readonly snapshot: JobSnapshot;
  readonly connection: JobConnection;
  /** What the page remembers of the card; all its cards of the job share it. */
  readonly ui: CardUi;
  /** What a user can do with the job. The object stays the same; while the job is not live its methods do nothing. */
  readonly actions: IJobActions;
}

/** A kernel that has, or had, jobs. */
export interface IHubKernel {
  readonly id: string;
  readonly connection: JobConnection;
  /** What it belongs to, as it was called last: `notebook`, `console`, … */
  readonly type: string;
  /** The path of its notebook or console. */
  readonly path: string;
  /** A short name to show. */
  readonly name: string;
  /** Whether it speaks a version of the protocol that this extension does not know; then none of its jobs are known. */
  readonly versionProblem: boolean;
}

/** The jobs that a change is about, so that listeners need not compare all jobs. */
export interface IHubChange {
  /** The jobs that are new, or of which something has changed. */
  readonly jobs: readonly IHubJob[];
  /** The keys of the jobs that the page knows no more. */
  readonly removed: readonly string[];
}

/** All jobs of all kernels that this page knows of. */
export interface IJobHub {
  /** The jobs, in the order in which this page learned of them. The list is another one after each change. */
  readonly jobs: readonly IHubJob[];
  /** The kernels with jobs, and those whose version is a problem. */
  readonly kernels: readonly IHubKernel[];
  /** Emitted after each change of the jobs or kernels; at most once for each message of a kernel. */
  readonly changed: ISignal<IJobHub, IHubChange>;
  /** The job of that key, if it is known. */
  get(key: string): IHubJob | null;
  /** Asks to cancel each of the jobs that is live, not final and can be cancelled; all of them where none are named. */
  cancelAll(keys?: readonly string[]): void;
  /** Has every kernel forget its final jobs, and forgets the jobs of kernels that are gone. */
  clearFinished(): void;
}

export const IJobHub = new Token<IJobHub>(
  "primwidgets:IJobHub",
  "The jobs of all kernels, live, and what can be done with them."
);
