import { MessageLoop, type Message } from "@lumino/messaging";
import { Signal } from "@lumino/signaling";
import { Widget } from "@lumino/widgets";
import { render } from "preact";

import { BoardView } from "../../board/boardView";
import type { IHubJob, IJobHub } from "../../hub/tokens";
import { trans } from "../../i18n/translation";
import { seenFailures } from "../seenFailures";

/** A tab with the job board of all kernels. While it is hidden nothing is drawn. It does not own the hub. */
export class BoardPanel extends Widget {
  readonly #hub: IJobHub;
  readonly #cancel: (jobs: readonly IHubJob[]) => void;

  /**
   * @param cancel - asks the kernels for a cancel of each of these jobs.
   */
  constructor(hub: IJobHub, cancel: (jobs: readonly IHubJob[]) => void) {
    super();
    this.#hub = hub;
    this.#cancel = cancel;
    this.id = "primwidgets-job-board";
    this.title.label = trans.__("Jobs");
    this.title.closable = true;
    this.addClass("primwidgets-JobBoardPanel");
    hub.changed.connect(this.#onChanged, this);
  }

  override dispose(): void {
    if (this.isDisposed) {
      return;
    }
    Signal.clearData(this);
    render(null, this.node);
    super.dispose();
  }

  protected override onAfterShow(): void {
    this.update();
  }

  protected override onAfterAttach(): void {
    this.update();
  }

  /** Lumino calls it at most once for each frame of the screen. */
  protected override onUpdateRequest(): void {
    if (this.isVisible) {
      render(<BoardView jobs={this.#hub.jobs} kernels={this.#hub.kernels} cancel={this.#cancel} />, this.node);
      seenFailures.note(this.#hub.jobs);
    }
  }

  protected override onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    MessageLoop.sendMessage(this, Widget.Msg.UpdateRequest);
    this.node.querySelector<HTMLElement>("[role=grid]")?.focus();
  }

  #onChanged(): void {
    this.update();
  }
}
