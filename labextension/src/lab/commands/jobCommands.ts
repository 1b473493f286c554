import type { CommandRegistry } from "@lumino/commands";
import type { ReadonlyPartialJSONObject } from "@lumino/coreutils";
import { DisposableSet, type IDisposable } from "@lumino/disposable";

import { copyText } from "../../card/copyText";
import type { IHubJob, IJobHub } from "../../hub/tokens";
import { reattachCode } from "../../card/reattach";
import { isFinal } from "../../wire/snapshot";
import { strings } from "../../i18n/strings";
import { trans } from "../../i18n/translation";
import { clip } from "../clip";
import { isCancellable } from "../jobKind";
import { cancelQuestion, type Question } from "./cancelQuestion";
import { CommandIds } from "./commandIds";
import type { JobPlaces } from "./jobPlaces";
import { JOB_ARGUMENTS, type JobTarget } from "./jobTarget";

/** What the commands work with. */
export interface ICommandServices {
  readonly hub: IJobHub;
  readonly target: Pick<JobTarget, "find">;
  readonly places: Pick<JobPlaces, "goToCell" | "insertCode">;
  /** Asks the user for confirmation. */
  readonly ask: (question: Question) => Promise<boolean>;
  /** Shows the user what did not work. */
  readonly complain: (text: string) => void;
}

/** Longer names are cut in menus. */
const LABEL_LENGTH = 40;

const NO_ARGUMENTS = { type: "object", properties: {} } as const;

const CANCEL_ALL_ARGUMENTS = {
  type: "object",
  properties: {
    keys: {
      type: "array",
      items: { type: "string" },
      description: "The keys of the jobs in the hub. Left out: all that can be cancelled."
    }
  }
} as const;

/** Adds the commands about jobs; disposing of what is returned takes them away. */
export function addJobCommands(commands: CommandRegistry, services: ICommandServices): IDisposable {
  return DisposableSet.from([
    addCancelJob(commands, services),
    addCancelAll(commands, services),
    addClearFinished(commands, services),
    addGoToCell(commands, services),
    addCopyId(commands, services),
    addInsertReattachCode(commands, services)
  ]);
}

function addCancelJob(commands: CommandRegistry, { hub, target, ask }: ICommandServices): IDisposable {
  const find = (args: ReadonlyPartialJSONObject): IHubJob | null => target.find(args, isCancellable);
  return commands.addCommand(CommandIds.cancelJob, {
    label: args => labelOf(find(args), trans.__("Cancel Job"), title => trans.__("Cancel Job “%1”", title)),
    caption: trans.__("Ask the provider to cancel the job"),
    describedBy: { args: JOB_ARGUMENTS },
    isEnabled: args => find(args) !== null,
    execute: async args => {
      const job = find(args);
      // As on the card: a remote job may cost money, so a cancel is confirmed.
      if (job && (!job.snapshot.remote || (await ask(cancelQuestion([job], hub.kernels))))) {
        job.actions.cancel();
      }
    }
  });
}

function addCancelAll(commands: CommandRegistry, { hub, ask }: ICommandServices): IDisposable {
  return commands.addCommand(CommandIds.cancelAll, {
    label: trans.__("Cancel All Running Jobs…"),
    caption: trans.__("Cancel all unfinished jobs in all notebooks and consoles"),
    describedBy: { args: CANCEL_ALL_ARGUMENTS },
    isEnabled: () => hub.jobs.some(isCancellable),
    execute: async args => {
      const keys = args["keys"];
      const jobs = hub.jobs.filter(job => isCancellable(job) && (!Array.isArray(keys) || keys.includes(job.key)));
      if (jobs.length > 0 && (await ask(cancelQuestion(jobs, hub.kernels)))) {
        hub.cancelAll(jobs.map(job => job.key));
      }
    }
  });
}

function addClearFinished(commands: CommandRegistry, { hub }: ICommandServices): IDisposable {
  return commands.addCommand(CommandIds.clearFinished, {
    label: trans.__("Clear Finished Jobs"),
    caption: trans.__("Remove finished jobs from the sidebar; their cards in notebooks stay"),
    describedBy: { args: NO_ARGUMENTS },
    isEnabled: () => hub.jobs.some(job => isFinal(job.snapshot.state) || job.connection === "gone"),
    execute: () => {
      hub.clearFinished();
    }
  });
}

function addGoToCell(commands: CommandRegistry, { target, places, complain }: ICommandServices): IDisposable {
  const find = (args: ReadonlyPartialJSONObject): IHubJob | null =>
    target.find(args, job => job.snapshot.cell_id !== null);
  return commands.addCommand(CommandIds.goToCell, {
    label: args => labelOf(find(args), trans.__("Go to Cell of Job"), title => trans.__("Go to Cell of “%1”", title)),
    caption: trans.__("Show the cell that started the job"),
    describedBy: { args: JOB_ARGUMENTS },
    isEnabled: args => find(args) !== null,
    execute: async args => {
      const job = find(args);
      if (job && !(await places.goToCell(job))) {
        complain(trans.__("The cell that started the job no longer exists."));
      }
    }
  });
}

function addCopyId(commands: CommandRegistry, { target, complain }: ICommandServices): IDisposable {
  const find = (args: ReadonlyPartialJSONObject): IHubJob | null =>
    target.find(args, job => job.snapshot.job_id !== "");
  return commands.addCommand(CommandIds.copyId, {
    label: args => labelOf(find(args), trans.__("Copy Job ID"), title => trans.__("Copy ID of “%1”", title)),
    caption: trans.__("Copy the provider's id of the job"),
    describedBy: { args: JOB_ARGUMENTS },
    isEnabled: args => find(args) !== null,
    execute: async args => {
      const job = find(args);
      if (job && !(await copyText(job.snapshot.job_id))) {
        complain(strings.NOT_COPIED);
      }
    }
  });
}

function addInsertReattachCode(commands: CommandRegistry, { target, places, complain }: ICommandServices): IDisposable {
  const find = (args: ReadonlyPartialJSONObject): IHubJob | null =>
    target.find(args, job => reattachCode(job.snapshot) !== null);
  return commands.addCommand(CommandIds.insertReattachCode, {
    label: args =>
      labelOf(find(args), trans.__("Insert Code to Re-attach Job"), title =>
        trans.__("Insert Code to Re-attach “%1”", title)
      ),
    caption: trans.__("Insert a cell with code that reconnects to the job from another kernel"),
    describedBy: { args: JOB_ARGUMENTS },
    isEnabled: args => find(args) !== null,
    execute: async args => {
      const job = find(args);
      const code = job && reattachCode(job.snapshot);
      if (job && code !== null && !(await places.insertCode(job, code))) {
        complain(trans.__("The notebook of the job could not be opened."));
      }
    }
  });
}

function labelOf(job: IHubJob | null, plain: string, named: (title: string) => string): string {
  const title = job === null ? "" : clip(strings.titleOf(job.snapshot), LABEL_LENGTH);
  return title === "" ? plain : named(title);
}
