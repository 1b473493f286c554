import type { Kernel, KernelMessage } from "@jupyterlab/services";
import { Signal } from "@lumino/signaling";

import { sendToKernel, type Channel } from "../wire/channel";
import type { IKernel } from "../wire/jobModel";
import { commandMessage, hubCommandMessage } from "../wire/protocol";
import type { Command, HubCommand, HubVerb, Verb } from "../wire/protocol";
import { findHub, type HubSearch } from "./findHub";
import { SecondConnection } from "./secondConnection";
import { readHubMessage } from "../wire/hubMessage";
import type { IKernelLink, KernelJobs } from "./kernelJobs";

/** Milliseconds between two searches for a hub, at least. */
const SEARCH_PAUSE = 1000;

/** Milliseconds until a full update is requested again, doubled each time up to the limit: an answer can be lost. */
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 8000;

/**
 * Follows the hub of one kernel, over a connection that others use, too.
 *
 * A kernel that has no hub gets no message but the question for one, after a cell has run. A hub that is created
 * while a cell runs announces itself.
 */
export class HubClient implements IKernelLink {
  readonly #kernel: Kernel.IKernelConnection;
  readonly #jobs: KernelJobs;
  #commId: string | null = null;
  /** The last message that was applied; `null` until a full update has arrived. */
  #known: Readonly<{ epoch: string; sequence: number }> | null = null;
  #search: HubSearch | null = null;
  #searchedAt = 0;
  #later: ReturnType<typeof setTimeout> | undefined;
  #speaksPython = false;
  #wanted = false;
  /** A connection for urgent messages; `null` once the first one has no queue. */
  #second: SecondConnection | null;

  /**
   * @param kernel - the connection; its owner disposes of it.
   * @param jobs - takes in what the kernel tells.
   */
  constructor(kernel: Kernel.IKernelConnection, jobs: KernelJobs) {
    this.#kernel = kernel;
    this.#jobs = jobs;
    this.#second = new SecondConnection(kernel, this.#find);
    jobs.link = this;
    kernel.iopubMessage.connect(this.#onMessage, this);
    kernel.statusChanged.connect(this.#onStatus, this);
    kernel.connectionStatusChanged.connect(this.#onConnection, this);
    kernel.info.then(this.#onInfo, () => undefined);
  }

  get isDisposed(): boolean {
    return this.#jobs.link !== this;
  }

  /** Lets go of the kernel. */
  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this.#jobs.link = null;
    this.#forgetHub();
    this.#second?.dispose();
    Signal.clearData(this);
  }

  /** Searches for the hub now, even while a cell runs: there is reason to expect one. */
  look(): void {
    this.#wanted = true;
    this.#second?.open();
    if (this.#commId === null && this.#search === null) {
      this.#jobs.ask();
      this.#find();
    }
  }

  sendCommand(verb: Verb, uid: string, channel?: Channel): void {
    this.#send(commandMessage(verb, uid), channel);
  }

  sendHubCommand(verb: HubVerb): void {
    if (this.#commId !== null) {
      this.#send(hubCommandMessage(verb));
    }
  }

  /** The connection without a queue; `null` while there is none. */
  get #way(): Kernel.IKernelConnection | null {
    const way = this.#second?.kernel ?? this.#kernel;
    return !way.isDisposed && way.connectionStatus === "connected" ? way : null;
  }

  #send(command: Command | HubCommand, channel?: Channel): void {
    // The same connection, as far as the sending of commands needs it.
    sendToKernel((this.#way ?? this.#kernel) as unknown as IKernel, command, channel);
  }

  readonly #onInfo = (info: KernelMessage.IInfoReply): void => {
    this.#second?.dispose();
    this.#second = null;
    this.#speaksPython = info.implementation === "ipython";
    this.#findWhileIdle();
  };

  #onMessage(_: Kernel.IKernelConnection, message: KernelMessage.IIOPubMessage): void {
    const { header, content } = message;
    if (header.msg_type === "comm_msg") {
      const { comm_id: commId, data } = content as KernelMessage.ICommMsgMsg["content"];
      this.#hear(commId, data);
      if (commId === this.#commId) {
        this.#receive(data);
      }
    }
  }

  /** Recognises the hub by its message, so that it need not be searched for. */
  #hear(commId: string, data: unknown): void {
    if (this.#commId === null && !isEnding(this.#kernel.status) && readHubMessage(data) !== null) {
      this.#endSearch();
      this.#jobs.ask();
      this.#second?.open();
      this.#commId = commId;
    }
  }

  #receive(data: unknown): void {
    const message = readHubMessage(data);
    if (message === "foreign") {
      clearTimeout(this.#later);
      this.#jobs.refuse();
    }
    if (message === "foreign" || message === null) {
      return;
    }
    const { epoch, sequence, whole } = message;
    const next = this.#known?.epoch === epoch && this.#known.sequence + 1 === sequence;
    if (!whole && !next) {
      this.#sync();
      return;
    }
    this.#known = { epoch, sequence };
    clearTimeout(this.#later);
    if (!this.#jobs.receive(message) && !whole) {
      this.#sync();
    }
  }

  #onStatus(_: Kernel.IKernelConnection, status: Kernel.Status): void {
    if (isEnding(status)) {
      this.#forgetHub();
      this.#jobs.end();
    } else if (status === "idle") {
      this.#findWhileIdle();
    }
  }

  #onConnection(_: Kernel.IKernelConnection, status: Kernel.ConnectionStatus): void {
    if (status === "connected") {
      this.#findWhileIdle();
    } else if (this.#kernel.status !== "dead") {
      this.#forgetHub();
      this.#jobs.lose();
    }
  }

  #findWhileIdle(): void {
    const expected = this.#wanted || this.#jobs.view !== null;
    if (this.#commId === null && (expected || (this.#speaksPython && this.#kernel.status === "idle"))) {
      const pause = this.#searchedAt + SEARCH_PAUSE - Date.now();
      clearTimeout(this.#later);
      this.#later = setTimeout(this.#find, Math.max(0, pause));
    }
  }

  readonly #find = (): void => {
    const way = this.#way;
    if (this.isDisposed || this.#commId !== null || way === null) {
      return;
    }
    this.#search?.dispose();
    this.#searchedAt = Date.now();
    this.#search = findHub(way, commId => {
      this.#search = null;
      this.#commId = commId;
      if (commId === null) {
        this.#jobs.receiveNothing();
      } else {
        this.#sync();
      }
    });
  };

  /** Requests a full update until it has arrived. */
  #sync(pause = FIRST_RETRY_MS): void {
    this.#known = null;
    clearTimeout(this.#later);
    if (this.#commId !== null) {
      this.#send(hubCommandMessage("sync", { draws_outputs: true }));
    }
    this.#later = setTimeout(() => {
      this.#sync(Math.min(2 * pause, LONGEST_RETRY_MS));
    }, pause);
  }

  #forgetHub(): void {
    this.#endSearch();
    this.#commId = null;
    this.#known = null;
  }

  #endSearch(): void {
    clearTimeout(this.#later);
    this.#search?.dispose();
    this.#search = null;
  }
}

/** Whether the kernel's process ends or has ended. */
function isEnding(status: Kernel.Status): boolean {
  return status === "restarting" || status === "autorestarting" || status === "dead";
}
