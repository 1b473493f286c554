import { Signal, type ISignal } from "@lumino/signaling";
import { Widget } from "@lumino/widgets";
import { render, type JSX } from "preact";

import type { IJobHub } from "../../hub/tokens";
import { StateIcon } from "../../card/stateIcon";
import type { JobState } from "../../wire/snapshot";
import { trans } from "../../i18n/translation";
import { seenFailures } from "../seenFailures";
import { countText, tallyText, type JobKind, type Tally } from "../jobKind";

/** The kinds of jobs that the status bar counts, with their icons. */
const SHOWN: readonly (readonly [kind: JobKind, sign: JobState])[] = [
  ["running", "RUNNING"],
  ["queued", "QUEUED"],
  ["failed", "ERROR"]
];

/** The jobs in the status bar: how many are running, queued, failed and not seen yet. */
export class JobsStatus extends Widget {
  readonly #hub: IJobHub;
  readonly #open: () => void;
  readonly #activeChanged = new Signal<this, void>(this);
  #isActive = false;

  /**
   * @param open - opens the sidebar.
   */
  constructor(hub: IJobHub, open: () => void) {
    super();
    this.#hub = hub;
    this.#open = open;
    this.addClass("primwidgets-JobsStatus");
    hub.changed.connect(this.#onChanged, this);
    seenFailures.changed.connect(this.#onChanged, this);
    this.#onChanged();
  }

  /** Whether there is any job to count. */
  get isActive(): boolean {
    return this.#isActive;
  }

  get activeChanged(): ISignal<this, void> {
    return this.#activeChanged;
  }

  override dispose(): void {
    if (this.isDisposed) {
      return;
    }
    Signal.clearData(this);
    render(null, this.node);
    super.dispose();
  }

  #onChanged(): void {
    const tally = seenFailures.tally(this.#hub.jobs);
    render(<Counts tally={tally} open={this.#open} />, this.node);
    const isActive = SHOWN.some(([kind]) => tally[kind] > 0);
    if (this.#isActive !== isActive) {
      this.#isActive = isActive;
      this.#activeChanged.emit();
    }
  }
}

function Counts({ tally, open }: { tally: Tally; open: () => void }): JSX.Element {
  const shown = SHOWN.filter(([kind]) => tally[kind] > 0);
  const text = tallyText(
    tally,
    shown.map(([kind]) => kind)
  );
  return (
    <button
      type="button"
      class="primwidgets-JobsStatus-button"
      title={trans.__("Open the jobs sidebar")}
      onClick={open}
    >
      <span class="primwidgets-JobCard-hidden">{trans.__("Jobs: %1", text)}</span>
      {shown.map(([kind, sign]) => (
        <span key={kind} class="primwidgets-JobsStatus-count" data-kind={kind} aria-hidden="true">
          <StateIcon state={sign} />
          {countText(kind, tally[kind])}
        </span>
      ))}
    </button>
  );
}
