/** The question before many jobs are cancelled at once. */
import type { IHubJob, IHubKernel } from "../../hub/tokens";
import { trans } from "../../i18n/translation";
import { tallyOf, tallyText } from "../jobKind";

/** A question with the words for yes and no. */
export type Question = Readonly<{ title: string; body: string; yes: string; no: string }>;

/** Says how many jobs it is about, and where they are. */
export function cancelQuestion(jobs: readonly IHubJob[], kernels: readonly IHubKernel[]): Question {
  const ids = new Set(jobs.map(job => job.kernelId));
  const names = kernels.filter(({ id }) => ids.has(id)).map(({ name, path }) => name || path);
  return {
    title: trans._n("Cancel %1 job?", "Cancel %1 jobs?", jobs.length),
    body: trans.__("%1, in %2.", tallyText(tallyOf(jobs)), namesText(names)),
    yes: trans._n("Cancel %1 job", "Cancel %1 jobs", jobs.length),
    no: trans._n("Keep it", "Keep them", jobs.length)
  };
}

const NAMES_SHOWN = 3;

function namesText(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN).join(", ");
  const more = names.length - NAMES_SHOWN;
  return more > 0 ? trans.__("%1 and %2 more", shown, more) : shown;
}
