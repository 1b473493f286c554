import type { JSX } from "preact";

import { pathOf, pointsOf, scaleOf } from "./seriesScale";
import type { Series } from "../wire/snapshot";
import { strings } from "../i18n/strings";

/** More lines than these are in the details. */
const SHOWN = 3;

interface ISeriesLinesProps {
  series: readonly Series[];
  /** In a list of many: only one line. */
  compact: boolean | undefined;
}

/** The numbers that a job reported, each as a small line with its latest, its best and its first value. */
export function SeriesLines({ series, compact }: ISeriesLinesProps): JSX.Element | null {
  if (series.length === 0) {
    return null;
  }
  const shown = series.slice(0, compact ? 1 : SHOWN);
  const more = series.length - shown.length;
  return (
    <div class="primwidgets-JobCard-series" role="list" aria-label={strings.VALUES}>
      {shown.map((one, index) => (
        <SeriesLine key={index} series={one} />
      ))}
      {more > 0 && (
        <div role="listitem" class="primwidgets-JobCard-muted">
          {strings.moreValues(more)}
        </div>
      )}
    </div>
  );
}

function SeriesLine({ series }: { series: Series }): JSX.Element {
  const { name, latest, best, first, count } = series;
  return (
    <div role="listitem" class="primwidgets-JobCard-line">
      <bdi title={name}>{name}</bdi>
      <Sparkline series={series} />
      <span class="primwidgets-JobCard-number primwidgets-JobCard-latest">
        <bdi>{strings.value(latest)}</bdi>
      </span>
      {count > 1 && (
        <>
          <span class="primwidgets-JobCard-number primwidgets-JobCard-muted primwidgets-JobCard-best">
            {strings.best(best)}
          </span>
          <span class="primwidgets-JobCard-number primwidgets-JobCard-muted primwidgets-JobCard-first">
            {strings.first(first)}
          </span>
        </>
      )}
    </div>
  );
}

/** The line in a box that takes the width there is; nothing to a screen reader, which hears the values. */
function Sparkline({ series }: { series: Series }): JSX.Element {
  const points = pointsOf(series);
  const path = pathOf(series, scaleOf(series.steps), scaleOf(points.map(({ value }) => value)));
  return (
    <svg
      class="primwidgets-JobCard-sparkline"
      viewBox="0 0 100 100"
      preserveAspectRatio="none"
      aria-hidden="true"
      focusable="false"
    >
      <path d={path} vector-effect="non-scaling-stroke" />
    </svg>
  );
}
