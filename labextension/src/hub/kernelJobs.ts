import type { Channel } from "../wire/channel";
import type { HubVerb, Verb } from "../wire/protocol";
import { readSnapshot } from "../wire/snapshot";
import type { HubMessage, JobDelta } from "../wire/hubMessage";
import { JobRecord, keyOf } from "./jobRecord";
import type { IHubChange, IHubJob, IHubKernel, JobConnection } from "./tokens";

/** Sends commands to a kernel. */
export interface IKernelLink {
  /** Asks for something about one job; behind the running cell where `channel` is the one of comms. */
  sendCommand(verb: Verb, uid: string, channel?: Channel): void;
  /** Asks for something about all jobs. */
  sendHubCommand(verb: HubVerb): void;
}

/** What a kernel belongs to; see `IHubKernel`. */
export type KernelPlace = Readonly<Pick<IHubKernel, "type" | "path" | "name">>;

/** The jobs of one kernel, and of the processes that ran under its id before it was restarted. */
export class KernelJobs {
  /** Sends commands to the kernel; `null` while there is no connection. */
  link: IKernelLink | null = null;

  readonly #id: string;
  readonly #changed: (change: IHubChange) => void;
  readonly #present = new Map<string, JobRecord>();
  readonly #past = new Map<string, JobRecord>();
  /** What has changed since the last signal to the page. */
  readonly #touched = new Set<JobRecord>();
  readonly #removed = new Set<string>();
  /** The process of each job, by uid. */
  readonly #epochs = new Map<string, string>();
  #epoch: string | null = null;
  #connection: JobConnection = "lost";
  #place: KernelPlace = { type: "", path: "", name: "" };
  #answered = false;
  #versionProblem = false;

  /**
   * @param id - the kernel's id.
   * @param changed - called after each change.
   */
  constructor(id: string, changed: (change: IHubChange) => void) {
    this.#id = id;
    this.#changed = changed;
  }

  /** The jobs, those of earlier processes first. */
  get jobs(): readonly IHubJob[] {
    return [...this.#past.values(), ...this.#present.values()].map(record => record.view);
  }

  /** The kernel as other modules see it; `null` while it has neither jobs nor a problem. */
  get view(): IHubKernel | null {
    const known = this.#past.size + this.#present.size > 0 || this.#versionProblem;
    const { type, path, name } = this.#place;
    const versionProblem = this.#versionProblem;
    return known ? { id: this.#id, connection: this.#connection, type, path, name, versionProblem } : null;
  }

  /** Whether the kernel has listed its jobs, even if there are none. */
  get answered(): boolean {
    return this.#answered;
  }

  /** Whether the kernel's process has nothing to tell: it has said that it has no jobs, or nothing that is understood. */
  get isSilent(): boolean {
    return this.#answered && this.#connection !== "gone" && this.#present.size === 0;
  }

  /** The job of that uid, if it is known. */
  get(uid: string): IHubJob | null {
    return (this.#present.get(uid) ?? this.#past.get(uid))?.view ?? null;
  }

  /** The job of that uid, if it is known and ran in the process of that name. */
  ofProcess(uid: string, epoch: string): IHubJob | null {
    return this.#epochs.get(uid) === epoch ? this.get(uid) : null;
  }

  /** Whether the kernel's process, as far as it has answered, is the one of that name. */
  runs(epoch: string): boolean {
    return this.#epoch === epoch;
  }

  /** The kernel is being asked whether it has a hub by now. */
  ask(): void {
    this.#answered = false;
  }

  /** Takes in what the kernel belongs to. */
  move(place: KernelPlace): void {
    const { type, path, name } = this.#place;
    if (place.type !== type || place.path !== path || place.name !== name) {
      this.#place = place;
      this.#tell();
    }
  }

  /** Applies a message. Returns false if it cannot be applied, so that a full update is needed. */
  receive(message: HubMessage): boolean {
    if (message.whole) {
      this.#begin(message);
    }
    message.removed.forEach(uid => {
      this.#forget(uid);
    });
    const understood = message.jobs.map(job => this.#merge(job)).every(Boolean);
    this.#tell();
    return understood;
  }

  /** The kernel has no hub, so it has no jobs. */
  receiveNothing(): void {
    this.#retireJobs();
    this.#connection = "live";
    this.#answered = true;
    this.#tell();
  }

  /** The kernel speaks another version of the protocol. */
  refuse(): void {
    this.#versionProblem = true;
    this.#answered = true;
    this.#tell();
  }

  /** The connection to the kernel is broken. */
  lose(): void {
    if (this.#connection === "live") {
      this.#connection = "lost";
      this.#setConnection("lost");
    }
    this.#answered = false;
    this.#tell();
  }

  /** The kernel's process has ended. */
  end(): void {
    if (this.#connection === "gone" && this.#present.size === 0) {
      return;
    }
    this.#retireJobs();
    this.#connection = "gone";
    this.#answered = true;
    this.#versionProblem = false;
    this.#tell();
  }

  /** Forgets the jobs of processes that have ended. */
  forgetPast(): void {
    [...this.#past.keys()].forEach(uid => {
      this.#noteRemoved(uid);
    });
    this.#past.clear();
    [...this.#epochs.keys()].filter(uid => !this.#present.has(uid)).forEach(uid => this.#epochs.delete(uid));
    this.#tell();
  }

  #begin({ epoch, jobs }: HubMessage): void {
    if (epoch !== this.#epoch) {
      this.#retireJobs();
      this.#epoch = epoch;
    }
    this.#connection = "live";
    this.#answered = true;
    this.#versionProblem = false;
    const told = new Set(jobs.map(job => job.uid));
    [...this.#present.keys()]
      .filter(uid => !told.has(uid))
      .forEach(uid => {
        this.#forget(uid);
      });
  }

  #forget(uid: string): void {
    this.#present.delete(uid);
    this.#epochs.delete(uid);
    this.#noteRemoved(uid);
  }

  /** A job of an earlier process may have the same uid, and is seen again then. */
  #noteRemoved(uid: string): void {
    const other = this.#present.get(uid) ?? this.#past.get(uid);
    if (other) {
      this.#touched.add(other);
    }
    this.#removed.add(uid);
  }

  /** Tells the page what has changed. */
  #tell(): void {
    const jobs = [...this.#touched].map(({ view }) => view).filter(view => this.get(view.snapshot.uid) === view);
    const removed = [...this.#removed].filter(uid => this.get(uid) === null).map(uid => keyOf(this.#id, uid));
    this.#touched.clear();
    this.#removed.clear();
    this.#changed({ jobs, removed });
  }

  #merge(delta: JobDelta): boolean {
    const record = this.#present.get(delta.uid) ?? this.#restore(delta.uid);
    const snapshot = readSnapshot({ ...record?.snapshot, ...delta });
    // The first message about a job has its state; a change of an unknown job means that a message was lost.
    if (snapshot === null || (!record && delta.state === undefined)) {
      return false;
    }
    if (this.#epoch !== null) {
      this.#epochs.set(delta.uid, this.#epoch);
    }
    if (record) {
      record.update(snapshot, this.#connection);
      this.#touched.add(record);
    } else {
      const send = (verb: Verb, channel?: Channel): void =>
        channel ? this.link?.sendCommand(verb, snapshot.uid, channel) : this.link?.sendCommand(verb, snapshot.uid);
      const changed = (one: JobRecord): void => {
        this.#touched.add(one);
        this.#tell();
      };
      const made = new JobRecord({ kernelId: this.#id, snapshot, connection: this.#connection, send, changed });
      this.#present.set(snapshot.uid, made);
      this.#touched.add(made);
    }
    return true;
  }

  /** The process was wrongly taken for ended: its job keeps all that the page remembers of it. */
  #restore(uid: string): JobRecord | undefined {
    const record = this.#past.get(uid);
    if (record) {
      this.#past.delete(uid);
      this.#present.set(uid, record);
    }
    return record;
  }

  /** Marks the present jobs as gone: no more updates of them will come. */
  #retireJobs(): void {
    this.#setConnection("gone");
    this.#present.forEach((record, uid) => this.#past.set(uid, record));
    this.#present.clear();
    this.#epoch = null;
  }

  #setConnection(connection: JobConnection): void {
    this.#present.forEach(record => {
      record.update(record.snapshot, connection);
      this.#touched.add(record);
    });
  }
}
