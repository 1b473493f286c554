import type { JSX } from "preact";

import { Chart, ChartNote, ChartRow } from "./chart";
import { ValueCurve } from "./valueCurve";
import type { ExpectationPanel } from "../wire/snapshot";
import { strings } from "../i18n/strings";

type Point = ExpectationPanel["points"][number];

/** Maps a value to a place in the picture, in per cent of its width. */
type Scale = (value: number) => number;

/** Room for half a dot at both ends of the axis, in per cent. */
const MARGIN = 3;

/** Expectation values with their error bars on one axis; those of many parameter sets are a curve. */
export function ExpectationChart({ panel }: { panel: ExpectationPanel }): JSX.Element {
  if (panel.axis !== null && panel.points.length > 1) {
    return <ValueCurve panel={panel} />;
  }
  const [low, high] = axisOf(panel.points);
  const scale: Scale = value => MARGIN + ((value - low) / (high - low)) * (100 - 2 * MARGIN);
  const subtitle = `${strings.significant(low)} … ${strings.significant(high)}`;
  return (
    <Chart title={panel.title} subtitle={subtitle} columns={[strings.OBSERVABLE, strings.VALUE]}>
      {panel.points.map((point, index) => (
        <ChartRow key={index} label={point.label} values={[strings.plusMinus(point.value, point.std)]}>
          <Dot point={point} scale={scale} />
        </ChartRow>
      ))}
      {panel.more_points > 0 && <ChartNote>{strings.morePoints(panel.more_points)}</ChartNote>}
    </Chart>
  );
}

/** The axis holds zero and all error bars. Observables are mostly within −1..1, so that is shown unless they are not. */
export function axisOf(points: readonly Point[]): readonly [low: number, high: number] {
  const ends = points.flatMap(({ value, std }) => [value - (std ?? 0), value + (std ?? 0)]);
  const low = Math.min(0, ...ends);
  const high = Math.max(0, ...ends);
  const widest = Math.max(1, ...points.map(({ value }) => Math.abs(value)));
  // An error bar may reach a little beyond ±1 where the value itself cannot.
  return widest <= 1 ? [Math.min(-1, low), Math.max(1, high)] : [low, high];
}

function Dot({ point, scale }: { point: Point; scale: Scale }): JSX.Element {
  const zero = percent(scale(0));
  const from = percent(scale(point.value - (point.std ?? 0)));
  const to = percent(scale(point.value + (point.std ?? 0)));
  return (
    <>
      <line class="primwidgets-JobCard-axis" x1="0%" x2="100%" y1="50%" y2="50%" />
      <line class="primwidgets-JobCard-axis" x1={zero} x2={zero} y1="0%" y2="100%" />
      {point.std !== null && point.std > 0 && (
        <line class="primwidgets-JobCard-whisker" x1={from} x2={to} y1="50%" y2="50%" />
      )}
      <circle class="primwidgets-JobCard-dot" cx={percent(scale(point.value))} cy="50%" r="4" />
    </>
  );
}

function percent(place: number): string {
  return `${place}%`;
}
