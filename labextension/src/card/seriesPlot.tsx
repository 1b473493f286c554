import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { pathOf, placeOn, pointsOf, scaleOf, ticksOf, type Point, type Scale, type Tick } from "./seriesScale";
import { SUPPRESS_SHORTCUTS } from "./suppressShortcuts";
import type { Series } from "../wire/snapshot";
import { strings } from "../i18n/strings";

/** One series as a plot: axes, a scale that can be logarithmic, and the point under the pointer or chosen by keys. */
export function SeriesPlot({ series }: { series: Series }): JSX.Element {
  const [wantsLog, setWantsLog] = useState(false);
  const points = pointsOf(series);
  const canBeLog = points.length > 0 && points.every(({ value }) => value > 0);
  const y = scaleOf(
    points.map(({ value }) => value),
    wantsLog && canBeLog
  );
  return (
    <figure class="primwidgets-JobCard-plot">
      <figcaption>
        <bdi>{series.name}</bdi>
        <span class="primwidgets-JobCard-muted">{strings.valueCount(series.count)}</span>
        {canBeLog && (
          <button
            type="button"
            class="primwidgets-JobCard-copy"
            aria-pressed={wantsLog}
            {...SUPPRESS_SHORTCUTS}
            onClick={() => {
              setWantsLog(!wantsLog);
            }}
          >
            {strings.LOG_SCALE}
          </button>
        )}
      </figcaption>
      <Area series={series} points={points} x={scaleOf(series.steps)} y={y} />
    </figure>
  );
}

interface IAreaProps {
  series: Series;
  points: readonly Point[];
  x: Scale;
  y: Scale;
}

function Area({ series, points, x, y }: IAreaProps): JSX.Element {
  const [chosen, setChosen] = useState<number | null>(null);
  const index = chosen === null ? points.length - 1 : Math.min(chosen, points.length - 1);
  const point = points[index];
  const text = point ? strings.point(point.step, point.value) : strings.NO_VALUE;
  return (
    <div class="primwidgets-JobCard-axes">
      <Ticks ticks={ticksOf(y)} side="left" />
      <div
        class="primwidgets-JobCard-area"
        role="slider"
        tabIndex={0}
        aria-label={series.name}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, points.length - 1)}
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
          const next = moved(event.key, index, points.length);
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
          <path d={pathOf(series, x, y)} vector-effect="non-scaling-stroke" />
        </svg>
        {point && (
          <span
            class="primwidgets-JobCard-mark"
            style={{ left: `${placeOn(x, point.step) * 100}%`, bottom: `${placeOn(y, point.value) * 100}%` }}
          />
        )}
      </div>
      <Ticks ticks={ticksOf(x, true)} side="bottom" />
      <div class="primwidgets-JobCard-readout primwidgets-JobCard-number" aria-hidden="true">
        {text}
      </div>
    </div>
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
  let best = 0;
  points.forEach(({ step }, index) => {
    const distance = Math.abs(placeOn(x, step) - at);
    if (distance < Math.abs(placeOn(x, points[best]?.step ?? 0) - at)) {
      best = index;
    }
  });
  return best;
}

function moved(key: string, index: number, count: number): number | null {
  const last = Math.max(0, count - 1);
  const places: Readonly<Record<string, number>> = {
    ArrowLeft: index - 1,
    ArrowRight: index + 1,
    ArrowDown: index - 1,
    ArrowUp: index + 1,
    PageDown: index - Math.ceil(count / 10),
    PageUp: index + Math.ceil(count / 10),
    Home: 0,
    End: last
  };
  const place = places[key];
  return place === undefined ? null : Math.min(last, Math.max(0, place));
}
