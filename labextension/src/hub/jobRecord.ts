import { CardState } from "../card/cardState";
import { jobActions, type IJobActions } from "../card/jobActions";
import { epochSeconds } from "../card/pageClock";
import type { Channel } from "../wire/channel";
import type { Verb } from "../wire/protocol";
import type { JobSnapshot } from "../wire/snapshot";
import type { IHubJob, JobConnection } from "./tokens";

interface IJobRecordOptions {
  kernelId: string;
  snapshot: JobSnapshot;
  connection: JobConnection;
  /** Sends a command about this job to its kernel. */
  send: (verb: Verb, channel?: Channel) => void;
  /** Called after each change that the page itself has made, such as a command that is under way. */
  changed: (record: JobRecord) => void;
}

/** One job of a kernel: the newest snapshot, and what the page remembers of its cards. */
export class JobRecord {
  readonly #kernelId: string;
  readonly #state = new CardState();
  readonly #actions: IJobActions;
  #snapshot: JobSnapshot;
  #connection: JobConnection;
  #view: IHubJob | null = null;

  constructor({ kernelId, snapshot, connection, send, changed }: IJobRecordOptions) {
    this.#kernelId = kernelId;
    this.#snapshot = snapshot;
    this.#connection = connection;
    this.#actions = this.#liveActions(send);
    this.#state.apply(snapshot, epochSeconds());
    this.#state.noteSeen(epochSeconds());
    this.#state.subscribe(() => {
      this.#view = null;
      changed(this);
    });
  }

  get snapshot(): JobSnapshot {
    return this.#snapshot;
  }

  /** Takes over what is known now. */
  update(snapshot: JobSnapshot, connection: JobConnection): void {
    const now = epochSeconds();
    if (this.#connection === "live" || connection === "live") {
      this.#state.noteSeen(now); // what was live until now was true until now
    }
    this.#snapshot = snapshot;
    this.#connection = connection;
    this.#state.apply(snapshot, now);
    this.#view = null;
  }

  /** The job as other modules see it: the same object until something changes. */
  get view(): IHubJob {
    this.#view ??= {
      key: keyOf(this.#kernelId, this.#snapshot.uid),
      kernelId: this.#kernelId,
      snapshot: this.#snapshot,
      connection: this.#connection,
      ui: this.#state.ui,
      actions: this.#actions
    };
    return this.#view;
  }

  #liveActions(send: IJobRecordOptions["send"]): IJobActions {
    const actions = jobActions(
      this.#state,
      () => this.#snapshot,
      (verb, channel) => {
        send(verb, channel);
        return channel ?? "control";
      }
    );
    const ifLive = (action: () => void) => () => {
      if (this.#connection === "live") {
        action();
      }
    };
    return {
      cancel: ifLive(actions.cancel),
      stopWaiting: ifLive(actions.stopWaiting),
      showResult: () => {
        // A picture that is here already needs no kernel.
        if (this.#connection === "live" || this.#snapshot.result_preview !== null) {
          actions.showResult();
        }
      },
      rerun: ifLive(actions.rerun),
      setOpen: actions.setOpen,
      ...(actions.settle && { settle: actions.settle })
    };
  }
}

/** The key of a job among those of all kernels. */
export function keyOf(kernelId: string, uid: string): string {
  return `${kernelId}/${uid}`;
}
