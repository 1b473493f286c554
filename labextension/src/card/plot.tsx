import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";

import { placeOn, ticksOf, type Point, type Scale, type Tick } from "./seriesScale";
import { SUPPRESS_SHORTCUTS } from "./suppressShortcuts";
import { strings } from "../i18n/strings";

interface IPlotProps {
  title: string;
  /** What stands beside the title. */
  children?: ComponentChildren;
  points: readonly Point[];
  x: Scale;
  y: Scale;
  /** The line and what belongs to it, as SVG paths in a box of 100 × 100. */
  line: string;
  band?: string | undefined;
  /** What is said of one point. */
  textOf: (point: Point) => string;
  /** What stands below the horizontal axis instead of numbers. */
  axis?: JSX.Element | undefined;
}

/** A line with axes, and the point that is under the pointer or was chosen by keys. */
export function Plot({ title, children, points, x, y, line, band, textOf, axis }: IPlotProps): JSX.Element {
  const [chosen, setChosen] = useState<number | null>(null);
  const last = points.length - 1;
  const index = Math.min(chosen ?? last, last);
  const point = points[index];
  const text = point ? textOf(point) : strings.NO_VALUE;
  return (
    <figure class="primwidgets-JobCard-plot">
      <figcaption>
        <bdi>{title}</bdi>
        {children}
      </figcaption>
      <div class="primwidgets-JobCard-axes">
        <Ticks ticks={ticksOf(y)} side="left" />
        <div
          class="primwidgets-JobCard-area"
          role="slider"
          tabIndex={0}
          aria-label={title}
          aria-valuemin={0}
          aria-valuemax={Math.max(0, last)}
          aria-valuenow={Math.max(0, index)}
          aria-valuetext={text}
          {...SUPPRESS_SHORTCUTS}
          onPointerMove={event => {
            const box = event.currentTarget.getBoundingClientRect();
            setChosen(nearest(points, x, (event.clientX - box.left) / (box.width || 1)));
          }}
          onPointerLeave={() => {
            setChosen(null);
          }}
          onKeyDown={event => {
            const next = moved(event.key, index, last);
            if (next !== null) {
              event.preventDefault();
              setChosen(next);
            }
          }}
        >
          <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true" focusable="false">
            {ticksOf(y).map(({ at }, one) => (
              <line key={one} x1="0" x2="100" y1={100 - at * 100} y2={100 - at * 100} />
            ))}
            {band && <path class="primwidgets-JobCard-band" d={band} />}
            <path d={line} vector-effect="non-scaling-stroke" />
          </svg>
          {point && (
            <span
              class="primwidgets-JobCard-mark"
              style={{ left: `${placeOn(x, point.step) * 100}%`, bottom: `${placeOn(y, point.value) * 100}%` }}
            />
          )}
        </div>
        {axis ?? <Ticks ticks={ticksOf(x, true)} side="bottom" />}
        <div class="primwidgets-JobCard-readout primwidgets-JobCard-number" aria-hidden="true">
          {text}
        </div>
      </div>
    </figure>
  );
}

function Ticks({ ticks, side }: { ticks: readonly Tick[]; side: "left" | "bottom" }): JSX.Element {
  return (
    <div class={`primwidgets-JobCard-ticks primwidgets-JobCard-ticks--${side}`} aria-hidden="true">
      {ticks.map(({ value, at }) => (
        <span key={value} style={side === "left" ? { bottom: `${at * 100}%` } : { left: `${at * 100}%` }}>
          {strings.significant(value)}
        </span>
      ))}
    </div>
  );
}

/** The index of the point that is nearest to a place on the axis. */
function nearest(points: readonly Point[], x: Scale, at: number): number {
  const distance = (index: number): number => Math.abs(placeOn(x, points[index]?.step ?? 0) - at);
  return points.reduce((best, _, index) => (distance(index) < distance(best) ? index : best), 0);
}

function moved(key: string, index: number, last: number): number | null {
  const far = Math.ceil(last / 10);
  const places: Readonly<Record<string, number>> = {
    ArrowLeft: index - 1,
    ArrowRight: index + 1,
    ArrowDown: index - 1,
    ArrowUp: index + 1,
    PageDown: index - far,
    PageUp: index + far,
    Home: 0,
    End: last
  };
  const place = places[key];
  return place === undefined ? null : Math.min(last, Math.max(0, place));
}
