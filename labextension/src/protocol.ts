/** The messages a frontend may send to the kernel; the twin of `primwidgets/protocol.py`. */

/** Raised when a message changes its meaning; both sides name it and refuse what they do not know. */
export const PROTOCOL_VERSION = 1;

/** The message type that the kernel's control channel listens for. */
export const CONTROL_MESSAGE_TYPE = "primwidgets_command";

/** What can be asked for of one job. */
export type Verb = "cancel" | "stop_waiting" | "preview";

/** What can be asked for of all jobs of a kernel. */
export type HubVerb = "sync" | "clear_finished";

/** One request about one job. */
export type Command = Readonly<{ primwidgets: typeof PROTOCOL_VERSION; verb: Verb; uid: string }>;

/** One request about all jobs of a kernel. */
export type HubCommand = Readonly<{ primwidgets: typeof PROTOCOL_VERSION; verb: HubVerb }>;

/** A Jupyter message with a command in it. */
export interface IControlMessage {
  header: { msg_id: string; msg_type: string; session: string; username: string; date: string; version: string };
  parent_header: Record<string, never>;
  metadata: Record<string, never>;
  content: Command | HubCommand;
  buffers: never[];
  channel: "control";
}

/** The wire form of a command. */
export function commandMessage(verb: Verb, uid: string): Command {
  return { primwidgets: PROTOCOL_VERSION, verb, uid };
}

/** The wire form of a command about all jobs. */
export function hubCommandMessage(verb: HubVerb): HubCommand {
  return { primwidgets: PROTOCOL_VERSION, verb };
}
