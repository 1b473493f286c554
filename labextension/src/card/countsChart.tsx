import type { JSX } from "preact";

import { Chart, ChartRow } from "./chart";
import type { CountsPanel } from "../wire/snapshot";
import { strings } from "../i18n/strings";

/** A histogram of measured outcomes; the longest bar takes the whole width. */
export function CountsChart({ panel }: { panel: CountsPanel }): JSX.Element {
  const most = Math.max(1, panel.other_count, ...panel.bars.map(bar => bar.count));
  return (
    <Chart title={panel.title} subtitle={strings.shots(panel.shots)} columns={[strings.OUTCOME, strings.COUNT]}>
      {panel.bars.map(({ label, count }, index) => (
        <ChartRow key={index} label={label} value={String(count)}>
          <Bar fraction={count / most} />
        </ChartRow>
      ))}
      {panel.other_outcomes > 0 && (
        <ChartRow label={strings.otherOutcomes(panel.other_outcomes)} value={String(panel.other_count)}>
          <Bar fraction={panel.other_count / most} rest />
        </ChartRow>
      )}
    </Chart>
  );
}

function Bar({ fraction, rest }: { fraction: number; rest?: boolean }): JSX.Element {
  const name = rest ? "primwidgets-JobCard-bar primwidgets-JobCard-bar--rest" : "primwidgets-JobCard-bar";
  return <rect class={name} width={`${fraction * 100}%`} height="100%" rx="1.5" />;
}
