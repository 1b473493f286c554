import type { JSX } from "preact";

import { CopyButton } from "../../card/copyButton";
import { SUPPRESS_SHORTCUTS } from "../../card/suppressShortcuts";
import { trans } from "../../i18n/translation";

const EXAMPLE = "from primwidgets import WidgetJob\n\njob = WidgetJob(sampler.run([circuit]))\njob";

/** Shown before there is any job: how to get one. */
export function NoJobs({ announce }: { announce: (text: string) => void }): JSX.Element {
  return (
    <div class="primwidgets-JobsPanel-empty">
      <p>
        <strong>{trans.__("No jobs yet")}</strong>
      </p>
      <p>{trans.__("Wrap the job that a provider's run() or an executor's submit() returns:")}</p>
      <pre tabIndex={0} role="group" aria-label={trans.__("Example")} {...SUPPRESS_SHORTCUTS}>
        {EXAMPLE}
      </pre>
      <CopyButton text={EXAMPLE} what={trans.__("example")} announce={announce} />
      <p>
        {trans.__(
          "The sidebar lists the jobs of all notebooks and consoles with their progress. You can cancel them here."
        )}
      </p>
    </div>
  );
}

/** Shown when there are jobs, but none that matches the filter. */
export function NoMatch({ showAll }: { showAll: () => void }): JSX.Element {
  return (
    <div class="primwidgets-JobsPanel-empty">
      <p>{trans.__("No job matches.")}</p>
      <button type="button" class="primwidgets-JobsPanel-button" {...SUPPRESS_SHORTCUTS} onClick={showAll}>
        {trans.__("Show all jobs")}
      </button>
    </div>
  );
}
