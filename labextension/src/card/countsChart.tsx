import type { JSX } from "preact";

import { Chart, ChartNote, ChartRow } from "./chart";
import type { CountsPanel } from "../wire/snapshot";
import { strings } from "../i18n/strings";

/** A histogram of measured outcomes; the longest bar takes the whole width, what is not drawn is a line below. */
export function CountsChart({ panel }: { panel: CountsPanel }): JSX.Element {
  const { title, bars, shots, other_outcomes: others, other_count: rest } = panel;
  const most = Math.max(1, ...bars.map(bar => bar.count));
  const all = Math.max(1, shots);
  return (
    <Chart
      title={title}
      subtitle={strings.shots(shots)}
      columns={[strings.OUTCOME, strings.COUNT, strings.PROBABILITY]}
    >
      {bars.map(({ label, count }, index) => (
        <ChartRow key={index} label={label} values={[strings.whole(count), strings.share(count / all)]}>
          <rect class="primwidgets-JobCard-bar" width={`${(count / most) * 100}%`} height="100%" rx="1.5" />
        </ChartRow>
      ))}
      {others > 0 && (
        <ChartNote>
          {strings.otherOutcomes(others)} · {strings.whole(rest)} · {strings.share(rest / all)}
        </ChartNote>
      )}
    </Chart>
  );
}
