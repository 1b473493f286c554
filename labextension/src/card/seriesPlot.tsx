import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { Plot } from "./plot";
import { pathOf, pointsOf, scaleOf } from "./seriesScale";
import { SUPPRESS_SHORTCUTS } from "./suppressShortcuts";
import type { Series } from "../wire/snapshot";
import { strings } from "../i18n/strings";

/** One series as a plot, whose scale can be logarithmic. */
export function SeriesPlot({ series }: { series: Series }): JSX.Element {
  const [wantsLog, setWantsLog] = useState(false);
  const points = pointsOf(series);
  const canBeLog = points.length > 0 && points.every(({ value }) => value > 0);
  const x = scaleOf(series.steps);
  const y = scaleOf(
    points.map(({ value }) => value),
    wantsLog && canBeLog
  );
  return (
    <Plot
      title={series.name}
      points={points}
      x={x}
      y={y}
      line={pathOf(series, x, y)}
      textOf={({ step, value }) => strings.point(step, value)}
    >
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
    </Plot>
  );
}
