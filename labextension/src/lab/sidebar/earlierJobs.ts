/** The jobs of the ledger, as Jupyter's server tells them, with or without kernels. */
import { Signal, type ISignal } from "@lumino/signaling";

import type { IJobHub } from "../../hub/tokens";
import { drawableText } from "../../wire/drawableText";
import { isRecord } from "../../wire/readers";
import { trans } from "../../i18n/translation";
import { MOST_EARLIER, readEarlierJobs, type IEarlierJob } from "./earlierAnswer";

/** A request to Jupyter's server; `body` is `null` where the answer has no JSON. It rejects without an answer. */
export type Request = (method: string, path: string) => Promise<Readonly<{ status: number; body: unknown }>>;

const PATH = "primwidgets/jobs";

/** Loads the jobs when the section is opened, when a kernel ends, and on demand; never by itself. */
export class EarlierJobs {
  readonly #changed = new Signal<this, void>(this);
  readonly #hub: IJobHub;
  readonly #request: Request;
  #jobs: readonly IEarlierJob[] = [];
  #isOpen = false;
  #isAvailable = true;
  #isLoading = false;
  #problem: string | null = null;
  #kernels: ReadonlySet<string>;
  #latest = 0;

  constructor(hub: IJobHub, request: Request) {
    this.#hub = hub;
    this.#request = request;
    this.#kernels = liveKernels(hub);
    hub.changed.connect(this.#onHubChanged, this);
  }

  dispose(): void {
    Signal.clearData(this);
  }

  get changed(): ISignal<this, void> {
    return this.#changed;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether the server has such a list. */
  get isAvailable(): boolean {
    return this.#isAvailable;
  }

  get isLoading(): boolean {
    return this.#isLoading;
  }

  /** Why the list could not be had, or a job not be forgotten. */
  get problem(): string | null {
    return this.#problem;
  }

  /** The jobs that the sidebar does not list anyway. */
  get jobs(): readonly IEarlierJob[] {
    const listed = new Set(this.#hub.jobs.map(({ snapshot }) => snapshot.uid));
    return this.#jobs.filter(({ uid }) => !listed.has(uid));
  }

  toggle(): void {
    this.#isOpen = !this.#isOpen;
    if (this.#isOpen) {
      void this.refresh();
    }
    this.#changed.emit();
  }

  async refresh(): Promise<void> {
    const own = ++this.#latest;
    this.#isLoading = true;
    this.#changed.emit();
    const answer = await this.#ask("GET", `${PATH}?limit=${MOST_EARLIER}`);
    if (own !== this.#latest) {
      return; // a later request is under way
    }
    this.#isLoading = false;
    const jobs = answer?.status === 200 ? readEarlierJobs(answer.body) : null;
    this.#isAvailable = answer?.status !== 404;
    this.#problem = jobs === null ? problemOf(answer?.body) : null;
    this.#jobs = jobs ?? [];
    this.#changed.emit();
  }

  /** Has the ledger forget a job; one that it does not know any more is forgotten already. */
  async forget(uid: string): Promise<void> {
    const answer = await this.#ask("DELETE", `${PATH}/${encodeURIComponent(uid)}`);
    const isForgotten = answer?.status === 204 || answer?.status === 404;
    this.#problem = isForgotten ? null : problemOf(answer?.body);
    if (isForgotten) {
      this.#jobs = this.#jobs.filter(job => job.uid !== uid);
    }
    this.#changed.emit();
  }

  async #ask(method: string, path: string): Promise<Awaited<ReturnType<Request>> | null> {
    try {
      return await this.#request(method, path);
    } catch {
      return null;
    }
  }

  #onHubChanged(): void {
    const before = this.#kernels;
    this.#kernels = liveKernels(this.#hub);
    if (this.#isOpen && [...before].some(id => !this.#kernels.has(id))) {
      void this.refresh();
    }
  }
}

function liveKernels(hub: IJobHub): ReadonlySet<string> {
  return new Set(hub.kernels.filter(({ connection }) => connection === "live").map(({ id }) => id));
}

function problemOf(body: unknown): string {
  const said = isRecord(body) ? drawableText(body["message"]) : "";
  return said || trans.__("The server does not answer.");
}
