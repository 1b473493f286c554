import type { JSX } from "preact";

import type { GroupSummary, JobSnapshot } from "../wire/snapshot";
import { formatPercentage, percentDone } from "../i18n/percentage";
import { strings } from "../i18n/strings";

/** The bar. It is always there, empty where nothing runs, so that no state moves what is below it. */
export function ProgressBar({ snapshot }: { snapshot: JobSnapshot }): JSX.Element {
  const progress = snapshot.state === "DONE" ? 1 : snapshot.progress;
  const running = snapshot.state === "RUNNING";
  return (
    <div
      class="primwidgets-JobCard-progress"
      role="progressbar"
      aria-label={strings.progressName(snapshot)}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={progress === null ? undefined : percentDone(progress, snapshot.state)}
      aria-valuetext={valueText(snapshot, progress)}
    >
      {snapshot.group ? (
        <Segments group={snapshot.group} />
      ) : progress === null ? (
        running && <div class="primwidgets-JobCard-fill primwidgets-JobCard-fill--unknown" />
      ) : (
        <div class="primwidgets-JobCard-fill" style={{ width: `${progress * 100}%` }} />
      )}
    </div>
  );
}

const PARTS = ["done", "failed", "cancelled", "running"] as const;

/** A piece for each state of a group's members, as long as their part of all. */
function Segments({ group }: { group: GroupSummary }): JSX.Element {
  return (
    <div class="primwidgets-JobCard-segments">
      {PARTS.map(part => (
        <div
          key={part}
          class="primwidgets-JobCard-segment"
          data-part={part}
          style={{ width: `${(100 * group[part]) / Math.max(1, group.total)}%` }}
        />
      ))}
    </div>
  );
}

function valueText(snapshot: JobSnapshot, progress: number | null): string {
  const word = strings.stateWord(snapshot);
  const value = progress === null ? word : formatPercentage(progress, snapshot.state);
  return snapshot.progress_text === null ? value : `${value}, ${snapshot.progress_text}`;
}
