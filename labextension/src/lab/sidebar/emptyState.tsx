import type { JSX } from "preact";

import { CopyButton } from "../../copyButton";
import { OWN_KEYS } from "../../ownKeys";
import { trans } from "../../translation";

const EXAMPLE = "from primwidgets import WidgetJob\n\njob = WidgetJob(sampler.run([circuit]))\njob";

/** Shown before there is any job: how to get one. */
export function NoJobs({ announce }: { announce: (text: string) => void }): JSX.Element {
  return (
    <div class="primwidgets-JobsPanel-empty">
      <p>
        <strong>{trans.__("No jobs yet")}</strong>
      </p>
      <p>{trans.__("Wrap what a provider's run() or an executor's submit() returns, and it shows up here:")}</p>
      <pre tabIndex={0} role="group" aria-label={trans.__("Example")} {...OWN_KEYS}>
        {EXAMPLE}
      </pre>
      <CopyButton text={EXAMPLE} what={trans.__("example")} announce={announce} />
      <p>
        {trans.__(
          "Jobs of all open notebooks and consoles are listed, with their progress, and can be cancelled here."
        )}
      </p>
    </div>
  );
}

/** Shown when there are jobs, but none that the reader looks for. */
export function NoMatch({ showAll }: { showAll: () => void }): JSX.Element {
  return (
    <div class="primwidgets-JobsPanel-empty">
      <p>{trans.__("No job matches.")}</p>
      <button type="button" class="primwidgets-JobsPanel-button" {...OWN_KEYS} onClick={showAll}>
        {trans.__("Show all jobs")}
      </button>
    </div>
  );
}
