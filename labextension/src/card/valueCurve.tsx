import type { JSX } from "preact";

import { Plot } from "./plot";
import { pathOf, scaleOf } from "./seriesScale";
import type { ExpectationPanel } from "../wire/snapshot";
import { strings } from "../i18n/strings";

/** Expectation values over the index of their parameter set, as one line with its error band. */
export function ValueCurve({ panel }: { panel: ExpectationPanel }): JSX.Element {
  const { title, points, axis, more_points: more } = panel;
  const steps = points.map((_, index) => index);
  const edge = (sign: number): number[] => points.map(({ value, std }) => value + sign * (std ?? 0));
  const x = scaleOf(steps);
  const y = scaleOf([...edge(-1), ...edge(1)]);
  const pathTo = (values: number[]): string => pathOf({ steps, values }, x, y);
  const back = pathOf({ steps: [...steps].reverse(), values: edge(-1).reverse() }, x, y);
  return (
    <Plot
      title={title}
      points={points.map(({ value }, step) => ({ step, value }))}
      x={x}
      y={y}
      line={pathTo(edge(0))}
      band={points.some(({ std }) => std) ? `${pathTo(edge(1))}${back.replace("M", "L")}Z` : undefined}
      textOf={({ step, value }) =>
        `${axis ?? ""} ${points[step]?.label ?? step}: ${strings.plusMinus(value, points[step]?.std ?? null)}`
      }
      axis={
        <div class="primwidgets-JobCard-axisLabels">
          <bdi>{points[0]?.label}</bdi>
          <span>{axis}</span>
          <bdi>{points[points.length - 1]?.label}</bdi>
        </div>
      }
    >
      {more > 0 && <span class="primwidgets-JobCard-muted">{strings.morePoints(more)}</span>}
    </Plot>
  );
}
