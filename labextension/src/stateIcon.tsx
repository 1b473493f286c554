import type { JSX } from "preact";

import type { JobState } from "./snapshot";

const RING = <circle cx="8" cy="8" r="6.25" />;

/** Drawn in the text's colour, 16 × 16. The shapes differ, so that the colour is never the only sign. */
const SHAPES: Readonly<Record<JobState, JSX.Element>> = {
  INITIALIZING: <circle cx="8" cy="8" r="6.25" stroke-dasharray="2.6 2.3" />,
  QUEUED: (
    <>
      {RING}
      <path d="M8 4.5V8l2.4 1.6" />
    </>
  ),
  RUNNING: (
    <>
      <circle cx="8" cy="8" r="6.25" opacity="0.28" />
      <path d="M8 1.75A6.25 6.25 0 0 1 14.25 8" />
    </>
  ),
  DONE: (
    <>
      {RING}
      <path d="m5.2 8.3 2 2 3.7-4.2" />
    </>
  ),
  CANCELLED: (
    <>
      {RING}
      <path d="M3.8 12.2 12.2 3.8" />
    </>
  ),
  ERROR: (
    <>
      {RING}
      <path d="M8 4.6v4.1M8 11.2v.2" />
    </>
  )
};

/** The sign of a state. The word stands beside it, so it is nothing to a screen reader. */
export function StateIcon({ state }: { state: JobState }): JSX.Element {
  return (
    <svg class="primwidgets-JobCard-icon" data-state={state} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      {SHAPES[state]}
    </svg>
  );
}
