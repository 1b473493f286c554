import type { JSX } from "preact";

import type { ExpectationPanel } from "../wire/snapshot";
import { strings } from "../i18n/strings";

type Point = ExpectationPanel["points"][number];

/** The size of the drawing in its own units; it is stretched to the width of the card. */
const WIDTH = 100;
const HEIGHT = 40;

/** A smaller difference, relative to the values, is that of rounding: the curve is flat. */
const FLAT = 1e-9;

/** Expectation values over the index of their parameter set, as one line with its error band. */
export function ValueCurve({ panel }: { panel: ExpectationPanel }): JSX.Element {
  const { title, points, axis, more_points: more } = panel;
  const ends = points.flatMap(({ value, std }) => [value - (std ?? 0), value + (std ?? 0)]);
  const low = Math.min(...ends);
  const high = Math.max(...ends);
  const place = (value: number, index: number): string => {
    const height = high - low > FLAT * Math.abs(high) ? (value - low) / (high - low) : 0.5;
    return `${((index / (points.length - 1)) * WIDTH).toFixed(2)},${((1 - height) * HEIGHT).toFixed(2)}`;
  };
  const name = strings.curveName(title, axis ?? "", strings.significant(low), strings.significant(high));
  return (
    <figure class="primwidgets-JobCard-curve">
      <figcaption>
        <bdi>{title}</bdi>
        {more > 0 && <span class="primwidgets-JobCard-muted"> · {strings.morePoints(more)}</span>}
      </figcaption>
      <div class="primwidgets-JobCard-plot">
        <span>{strings.significant(high)}</span>
        <span>{strings.significant(low)}</span>
        <svg role="img" aria-label={name} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none">
          {points.some(({ std }) => std) && <path class="primwidgets-JobCard-band" d={band(points, place)} />}
          {low < 0 && high > 0 && (
            <polyline class="primwidgets-JobCard-axis" points={`${place(0, 0)} ${place(0, points.length - 1)}`} />
          )}
          <polyline
            class="primwidgets-JobCard-line"
            points={points.map(({ value }, index) => place(value, index)).join(" ")}
          />
        </svg>
      </div>
      <div class="primwidgets-JobCard-axisLabels">
        <bdi>{points[0]?.label}</bdi>
        <span>{axis}</span>
        <bdi>{points[points.length - 1]?.label}</bdi>
      </div>
    </figure>
  );
}

function band(points: readonly Point[], place: (value: number, index: number) => string): string {
  const upper = points.map(({ value, std }, index) => place(value + (std ?? 0), index));
  const lower = points.map(({ value, std }, index) => place(value - (std ?? 0), index)).reverse();
  return `M${[...upper, ...lower].join("L")}Z`;
}
