import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { CopyButton } from "./copyButton";
import { CountsChart } from "./countsChart";
import { DisplayedResult } from "./displayedResult";
import { ExpectationChart } from "./expectationChart";
import type { MimeRenderer } from "./mimeBox";
import { csvOf, textOf } from "./resultText";
import { SaveButton } from "./saveButton";
import { SUPPRESS_SHORTCUTS } from "./suppressShortcuts";
import type { PanelsPreview, ResultPreview } from "../wire/snapshot";
import { strings } from "../i18n/strings";

interface IResultPictureProps {
  preview: ResultPreview;
  /** Draws what needs the page's help; left out where the page has none to offer. */
  renderMime: MimeRenderer | undefined;
  announce: (text: string) => void;
}

/** The preview of a result. */
export function ResultPicture({ preview, renderMime, announce }: IResultPictureProps): JSX.Element {
  return preview.kind === "display" ? (
    <DisplayedResult preview={preview} renderMime={renderMime} announce={announce} />
  ) : (
    <Panels preview={preview} announce={announce} />
  );
}

/** One panel at a time, so that the details of a job with many circuits are no longer than those of others. */
function Panels({ preview, announce }: { preview: PanelsPreview; announce: (text: string) => void }): JSX.Element {
  const [chosen, choose] = useState(0);
  const index = Math.min(chosen, preview.panels.length - 1);
  const title = preview.panels[index]?.title ?? "";
  return (
    <div class="primwidgets-JobCard-result">
      <div class="primwidgets-JobCard-resultBar">
        {preview.panels.length > 1 && (
          <select
            aria-label={strings.PART_OF_RESULT}
            value={index}
            {...SUPPRESS_SHORTCUTS}
            onChange={event => {
              choose(Number(event.currentTarget.value));
            }}
          >
            {preview.panels.map((panel, at) => (
              <option key={at} value={at}>
                {panel.title}
              </option>
            ))}
          </select>
        )}
        {preview.more_panels > 0 && (
          <span class="primwidgets-JobCard-muted">{strings.morePanels(preview.more_panels)}</span>
        )}
        <CopyButton text={textOf(preview, index)} what={strings.RESULT} announce={announce} />
        <SaveButton name={`${title}.csv`} type="text/csv" label={strings.SAVE_CSV} data={() => csvOf(preview, index)} />
      </div>
      {chart(preview, index)}
    </div>
  );
}

function chart(preview: PanelsPreview, index: number): JSX.Element | null {
  if (preview.kind === "counts") {
    const panel = preview.panels[index];
    return panel ? <CountsChart panel={panel} /> : null;
  }
  const panel = preview.panels[index];
  return panel ? <ExpectationChart panel={panel} /> : null;
}
