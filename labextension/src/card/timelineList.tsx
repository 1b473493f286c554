import type { JSX } from "preact";

import { formatElapsed } from "../i18n/duration";
import { Moment } from "./moment";
import type { JobSnapshot } from "../wire/snapshot";
import { StateIcon } from "./stateIcon";
import { strings } from "../i18n/strings";
import { durationOf, timelineOf, type Phase } from "./timeline";

interface ITimelineListProps {
  snapshot: JobSnapshot;
  now: number;
  /** The snapshot is outdated: how long the last state lasted is unknown. */
  outdated: boolean;
}

/** The states the job went through, when each began and how long it lasted. */
export function TimelineList({ snapshot, now, outdated }: ITimelineListProps): JSX.Element {
  return (
    <ol class="primwidgets-JobCard-timeline">
      {timelineOf(snapshot).map(phase => (
        <li key={phase.state}>
          <StateIcon state={phase.state} />
          <span>{phase.state === snapshot.state ? strings.stateWord(snapshot) : strings.STATE_WORDS[phase.state]}</span>
          <span class="primwidgets-JobCard-number">
            {outdated && phase.to === null ? null : <bdi>{durationText(phase, now)}</bdi>}
          </span>
          <span class="primwidgets-JobCard-muted">{phase.from !== null && <Moment at={phase.from} now={now} />}</span>
        </li>
      ))}
    </ol>
  );
}

function durationText(phase: Phase, now: number): string | null {
  const seconds = durationOf(phase, now);
  if (seconds === null) {
    return null;
  }
  return phase.to === null ? formatElapsed(seconds) : strings.duration(seconds);
}
