import type { ISessionContext } from "@jupyterlab/apputils";
import type { NotebookPanel } from "@jupyterlab/notebook";
import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import { Signal } from "@lumino/signaling";
import { Widget } from "@lumino/widgets";
import { render } from "preact";

import { CardState } from "../../card/cardState";
import { drawableText } from "../../wire/drawableText";
import type { IHubJob } from "../../hub/tokens";
import { JobCard } from "../../card/jobCard";
import type { IJobActions } from "../../card/jobActions";
import type { CardConnection } from "../../card/connection";
import type { GoToLine } from "../../card/failure";
import type { MimeRenderer } from "../../card/mimeBox";
import { epochSeconds } from "../../card/pageClock";
import { reattachCode } from "../../card/reattach";
import { isFinal, type JobSnapshot } from "../../wire/snapshot";
import { goToLineOf } from "./goToLine";
import { insertCell } from "./insertCell";
import type { JobKernels } from "../jobKernels";
import { JOB_MIME_TYPE, readStoredJob, type StoredJob } from "../../wire/storedJob";

/** Milliseconds that a kernel has for its answer before the card says that it does not answer. */
const ANSWER_TIMEOUT = 3000;

/** Characters that are shown of a job that this version cannot read. */
const TEXT_LIMIT = 20_000;

interface IJobOutputOptions {
  kernels: JobKernels;
  /** The document of the output, as far as it is known by now. */
  context: () => ISessionContext | null;
  /** The notebook of the output, likewise; `null` too where the output is in no notebook. */
  notebook: () => NotebookPanel | null;
  /** Draws results; left out where there are no renderers. */
  renderMime?: MimeRenderer;
}

/** Draws the job in an output: at once as it was stored, and live as soon as the hub knows it. */
export class JobOutput extends Widget implements IRenderMime.IRenderer {
  readonly #kernels: JobKernels;
  readonly #context: () => ISessionContext | null;
  readonly #notebook: () => NotebookPanel | null;
  readonly #renderMime: MimeRenderer | undefined;
  /** For the time in which no hub knows the job. */
  readonly #state = new CardState();
  readonly #actions = actionsWithoutKernel(this.#state);
  #stored: StoredJob | null = null;
  #drawn: readonly [IHubJob | null, CardConnection] | null = null;
  #timeout: ReturnType<typeof setTimeout> | undefined;
  #timedOut = false;

  constructor({ kernels, context, notebook, renderMime }: IJobOutputOptions) {
    super();
    this.#kernels = kernels;
    this.#context = context;
    this.#notebook = notebook;
    this.#renderMime = renderMime;
    this.addClass("primwidgets-JobOutput");
    this.#state.subscribe(this.#draw);
    kernels.hub.changed.connect(this.#onHub, this);
    kernels.contextChanged.connect(this.#onContext, this);
  }

  /** Draws what is in `model`. Called again when the stored output has changed. */
  renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const stored = readStoredJob(model.data[JOB_MIME_TYPE]);
    const isNews = stored?.snapshot.uid !== this.#stored?.snapshot.uid;
    this.#stored = stored;
    if (stored === null) {
      this.#drawText(model.data["text/plain"]);
      return Promise.resolve();
    }
    if (isNews) {
      this.#startTimeout();
    }
    this.#findJob();
    this.#draw();
    return Promise.resolve();
  }

  override dispose(): void {
    if (this.isDisposed) {
      return;
    }
    clearTimeout(this.#timeout);
    Signal.clearData(this);
    render(null, this.node);
    super.dispose();
  }

  #onHub(): void {
    this.#drawNews();
  }

  #onContext(_: JobKernels, context: ISessionContext): void {
    if (this.#stored && context === this.#context()) {
      this.#startTimeout();
      this.#findJob();
      this.#drawNews();
    }
  }

  #startTimeout(): void {
    clearTimeout(this.#timeout);
    this.#timedOut = false;
    this.#timeout = setTimeout(() => {
      this.#timedOut = true;
      this.#drawNews();
    }, ANSWER_TIMEOUT);
  }

  /** Has the kernel asked for the job where nothing is known of it here. */
  #findJob(): void {
    const context = this.#context();
    if (context && this.#stored && this.#kernels.jobOf(context, this.#stored) === null) {
      this.#kernels.look(context);
    }
  }

  #drawNews(): void {
    const [job, connection] = this.#drawn ?? [];
    const now = this.#jobAndConnection();
    if (this.#stored && (now[0] !== job || now[1] !== connection)) {
      this.#draw();
    }
  }

  readonly #draw = (): void => {
    if (this.#stored === null || this.isDisposed) {
      return;
    }
    const before = this.#drawn?.[0] ?? null;
    this.#drawn = this.#jobAndConnection();
    this.#transferFold(before, this.#drawn[0]);
    const [job, connection] = this.#drawn;
    if (job) {
      this.#stored = { ...this.#stored, snapshot: job.snapshot, seenAt: job.ui.seenAt ?? null };
    } else {
      this.#state.apply(this.#stored.snapshot, epochSeconds());
      this.#state.noteSeen(this.#stored.seenAt);
    }
    const { snapshot } = this.#stored;
    const renderMime = this.#renderMime;
    const { ui, actions } = job ?? { ui: this.#state.ui, actions: this.#actions };
    const findAgain = this.#findAgain(snapshot);
    const panel = this.#notebook();
    const goToLine: GoToLine = (cell, line) => panel && void goToLineOf(panel, cell, line);
    const fromPage = { findAgain, ...(renderMime && { renderMime }), ...(panel && { goToLine }) };
    const shown = { snapshot, parts: {}, connection, ui, actions, ...fromPage };
    render(<JobCard key={snapshot.uid} {...shown} />, this.node);
  };

  /** Puts the code that finds the job again below this output; `null` where there is no such code, or no notebook. */
  #findAgain(snapshot: JobSnapshot): (() => void) | null {
    const code = reattachCode(snapshot);
    const panel = this.#notebook();
    if (code === null || panel === null) {
      return null;
    }
    return () => {
      const { widgets, activeCellIndex } = panel.content;
      const own = widgets.findIndex(({ node }) => node.contains(this.node));
      void insertCell(panel, (own < 0 ? activeCellIndex : own) + 1, code);
    };
  }

  /** Keeps the details open or closed when the hub learns of the job or loses it. */
  #transferFold(before: IHubJob | null, now: IHubJob | null): void {
    if (before === null && now !== null && this.#state.ui.open) {
      now.actions.setOpen(true);
    } else if (before !== null && now === null) {
      this.#state.setOpen(before.ui.open);
    }
  }

  /** The job as the hub knows it, and how far what is known can be trusted. */
  #jobAndConnection(): readonly [IHubJob | null, CardConnection] {
    const job = this.#stored && this.#kernels.jobOf(this.#context(), this.#stored);
    return job ? [job, job.connection] : [null, this.#connectionUnknownToHub()];
  }

  #connectionUnknownToHub(): CardConnection {
    if (!this.#stored || isFinal(this.#stored.snapshot.state)) {
      return "gone";
    }
    const context = this.#context();
    const id = context?.session?.kernel?.id;
    if (id === undefined) {
      return context?.isReady === true || this.#timedOut ? "gone" : "connecting";
    }
    const kernel = this.#kernels.hub.kernel(id);
    if (!kernel.answered) {
      return this.#timedOut ? "lost" : "connecting";
    }
    if (!kernel.runs(this.#stored.epoch)) {
      return "gone";
    }
    // A job is displayed a moment before the hub lists it.
    return this.#timedOut ? "untracked" : "connecting";
  }

  /** For what this version cannot read: the text that is stored beside it. */
  #drawText(text: unknown): void {
    const lines = Array.isArray(text) ? text : [text];
    const shown = drawableText(lines.filter(line => typeof line === "string").join(""), TEXT_LIMIT);
    render(<pre class="primwidgets-JobOutput-text">{shown}</pre>, this.node);
  }
}

function actionsWithoutKernel(state: CardState): IJobActions {
  const nothing = (): void => undefined;
  return {
    cancel: nothing,
    stopWaiting: nothing,
    rerun: nothing,
    showResult: () => {
      state.setOpen(true);
    },
    setOpen: open => {
      state.setOpen(open);
    }
  };
}
