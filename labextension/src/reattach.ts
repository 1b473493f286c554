/** How to take up a job again in another kernel, as Python for a cell. */
import type { JobSnapshot } from "./snapshot";

/**
 * The code that gets the job again; `null` where it cannot be found again.
 *
 * A locator says it in Python: `job` is an expression for the provider's job, `import` the lines before it. Of any other
 * locator the code is a comment, for the reader to make use of. It is put into a cell and never run from here.
 */
export function reattachCode({ locator, provider, job_id }: JobSnapshot): string | null {
  if (locator === null) {
    return null;
  }
  const { import: lines = "", job, ...rest } = locator;
  if (job === undefined) {
    const known = Object.entries({ ...rest, ...(lines && { import: lines }) }).map(
      ([key, value]) => `${key}: ${value}`
    );
    return comment([`How to find the ${provider} job ${job_id} again:`, ...known]);
  }
  return [...(lines ? [lines] : []), "from primwidgets import WidgetJob", "", `job = WidgetJob(${job})`, "job"].join(
    "\n"
  );
}

/** Every line of the texts as a comment: no text of a provider becomes code that way. */
function comment(texts: readonly string[]): string {
  return texts
    .flatMap(text => text.split(/[\r\n\f\v\u0085\u2028\u2029]+/))
    .map(line => `# ${line}`)
    .join("\n");
}
