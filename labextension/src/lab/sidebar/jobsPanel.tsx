import { MessageLoop, type Message } from "@lumino/messaging";
import { Signal } from "@lumino/signaling";
import { Widget } from "@lumino/widgets";
import { render } from "preact";

import { trans } from "../../i18n/translation";
import { tallyText } from "../jobKind";
import { seenFailures } from "../seenFailures";
import { JobsView, type IJobsViewProps } from "./jobsView";
import { moveFocus } from "./arrowKeys";

/** More than two digits do not fit on the sidebar's icon. */
const BADGE_MOST = 99;

/** `data-primwidgets-jobs`, which the style sheet draws. */
const BADGE = "primwidgets-jobs";

/**
 * The sidebar. While it is hidden nothing is drawn; only the number on its icon is updated.
 *
 * It does not own the hub and the state: they outlive it.
 */
export class JobsPanel extends Widget {
  readonly #props: IJobsViewProps;

  constructor(props: IJobsViewProps) {
    super();
    this.#props = props;
    this.id = "primwidgets-jobs";
    this.addClass("primwidgets-JobsPanel");
    this.node.setAttribute("role", "region");
    this.node.setAttribute("aria-label", trans.__("Jobs"));
    this.node.addEventListener("keydown", moveFocus);
    props.hub.changed.connect(this.#onHubChanged, this);
    props.state.changed.connect(this.#onStateChanged, this);
    props.earlier?.changed.connect(this.#onStateChanged, this);
    this.#onHubChanged();
  }

  override dispose(): void {
    if (this.isDisposed) {
      return;
    }
    Signal.clearData(this);
    this.node.removeEventListener("keydown", moveFocus);
    render(null, this.node);
    super.dispose();
  }

  protected override onAfterShow(): void {
    this.update();
  }

  protected override onAfterAttach(): void {
    this.update();
  }

  /** Lumino calls it at most once for each frame of the screen, however often an update was asked for. */
  protected override onUpdateRequest(): void {
    if (this.isVisible) {
      render(<JobsView {...this.#props} />, this.node);
      seenFailures.note(this.#props.hub.jobs);
    }
  }

  protected override onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    MessageLoop.sendMessage(this, Widget.Msg.UpdateRequest);
    const search = this.node.querySelector<HTMLElement>("input");
    (search ?? this.node.querySelector<HTMLElement>("button"))?.focus();
  }

  #onStateChanged(): void {
    this.update();
  }

  #onHubChanged(): void {
    const tally = seenFailures.tally(this.#props.hub.jobs);
    const live = tally.running + tally.queued;
    const text = tallyText(tally, ["running", "queued", "failed"]);
    this.title.caption = text === "" ? trans.__("Jobs") : trans.__("Jobs: %1", text);
    this.#setBadge(live > BADGE_MOST ? `${BADGE_MOST}+` : live > 0 ? String(live) : null);
    this.update();
  }

  /** Writes on the icon, through an attribute of its tab. The application has an attribute of its own there. */
  #setBadge(text: string | null): void {
    const { [BADGE]: before = null, ...others } = this.title.dataset;
    if (before !== text) {
      this.title.dataset = text === null ? others : { ...others, [BADGE]: text };
    }
  }
}
