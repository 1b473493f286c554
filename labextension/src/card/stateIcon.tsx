import type { JSX } from "preact";

import type { JobState } from "../wire/snapshot";

/** A ring with a path in it. */
type Shape = Readonly<{ ring?: Readonly<{ opacity?: number; "stroke-dasharray"?: string }>; path?: string }>;

/**
 * Drawn in the text's colour, 16 × 16. The shapes differ, so that the colour is never the only sign. They are no
 * elements: one that is drawn refers to the card around it, and would keep that in memory when it is long gone.
 */
const SHAPES: Readonly<Record<JobState, Shape>> = {
  INITIALIZING: { ring: { "stroke-dasharray": "2.6 2.3" } },
  QUEUED: { path: "M8 4.5V8l2.4 1.6" },
  RUNNING: { ring: { opacity: 0.28 }, path: "M8 1.75A6.25 6.25 0 0 1 14.25 8" },
  DONE: { path: "m5.2 8.3 2 2 3.7-4.2" },
  CANCELLED: { path: "M3.8 12.2 12.2 3.8" },
  ERROR: { path: "M8 4.6v4.1M8 11.2v.2" }
};

/** The sign of a state. The word stands beside it, so it is nothing to a screen reader. */
export function StateIcon({ state }: { state: JobState }): JSX.Element {
  const { ring, path } = SHAPES[state];
  return (
    <svg class="primwidgets-JobCard-icon" data-state={state} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <circle cx="8" cy="8" r="6.25" {...ring} />
      {path !== undefined && <path d={path} />}
    </svg>
  );
}
