import type { JSX } from "preact";

import { CountsChart } from "./countsChart";
import { ExpectationChart } from "./expectationChart";
import type { ResultPreview } from "../wire/snapshot";
import { strings } from "../i18n/strings";

/** The picture of a result: one chart for each of its panels. */
export function ResultPicture({ preview }: { preview: ResultPreview }): JSX.Element {
  return (
    <div class="primwidgets-JobCard-result">
      {preview.kind === "counts"
        ? preview.panels.map((panel, index) => <CountsChart key={index} panel={panel} />)
        : preview.panels.map((panel, index) => <ExpectationChart key={index} panel={panel} />)}
      {preview.more_panels > 0 && <p class="primwidgets-JobCard-muted">{strings.morePanels(preview.more_panels)}</p>}
    </div>
  );
}
