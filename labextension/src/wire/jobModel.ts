/** What the card reads from the widget's synced traits. It never writes one. */
import { asMoment } from "./drawableText";
import { PROTOCOL_VERSION, type Command, type ICommandMessage } from "./protocol";
import { isRecord } from "./readers";
import { readCardRows, SNAPSHOT_FIELDS } from "./schema";
import { readSnapshot, type JobSnapshot, type TextMap } from "./snapshot";

/** The part of JupyterLab's kernel connection that the card uses. */
export interface IKernel {
  readonly clientId: string;
  readonly username: string;
  sendControlMessage?(
    message: ICommandMessage,
    expectReply: boolean,
    disposeOnDone: boolean
  ): { readonly done: Promise<unknown> };
  sendShellMessage?(
    message: ICommandMessage,
    expectReply: boolean,
    disposeOnDone: boolean
  ): { readonly done: Promise<unknown> };
}

/** The part of anywidget's model that the card uses. */
export interface IJobModel {
  get(name: string): unknown;
  on(event: "change" | "comm_live_update", listener: () => void): void;
  off(event: "change" | "comm_live_update", listener: () => void): void;
  send(content: Command): void;
  /** Where the frontend has one: the manager of the page's widgets, which knows the live kernel connection. */
  readonly widget_manager?: {
    readonly kernel?: IKernel | null;
    get_model?(id: string): Promise<object>;
  } | null;
}

/**
 * The job's snapshot, put together from the traits.
 *
 * @throws TypeError where the traits are not those of a job.
 */
export function snapshotOf(model: IJobModel): JobSnapshot {
  // The series are bulky, and are sent only when they change.
  const rest: Readonly<Record<string, unknown>> = {
    ...recordOf(model.get("_snapshot_rest")),
    series: model.get("_series")
  };
  // Some fields are traits of their own, so that `observe` and `jslink` see them.
  const snapshot = readSnapshot(Object.fromEntries(SNAPSHOT_FIELDS.map(name => [name, rest[name] ?? model.get(name)])));
  if (snapshot === null) {
    throw new TypeError("Not the state of a job");
  }
  return snapshot;
}

/** Further rows that a subclass of the widget shows. */
export function partsOf(model: IJobModel): TextMap {
  return readCardRows(model.get("_parts")) ?? {};
}

/** When the kernel last sent the job's state, in epoch seconds of its clock; `null` where that is unknown. */
export function seenAtOf(model: IJobModel): number | null {
  return asMoment(model.get("_seen_at"));
}

/** Whether the kernel listens for commands on its control channel. */
export function hearsControl(model: IJobModel): boolean {
  const channel = recordOf(model.get("_channel"));
  return channel["control"] === true && channel["version"] === PROTOCOL_VERSION;
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}
