/** The messages a frontend may send to the kernel; the twin of `primwidgets/protocol.py`. */

/** Raised when a message changes its meaning; both sides name it and refuse what they do not know. */
export const PROTOCOL_VERSION = 1;

/** The type of the messages that carry a command: servers that filter let messages of comms through. */
export const COMMAND_MESSAGE_TYPE = "comm_msg";

/** The comm that those messages name. */
export const COMMAND_COMM = "primwidgets.commands";

/** What can be asked for of one job. */
export type Verb = "cancel" | "stop_waiting" | "preview";

/** What can be asked for of all jobs of a kernel. */
export type HubVerb = "sync" | "clear_finished";

/** One request about one job. */
export type Command = Readonly<{ primwidgets: typeof PROTOCOL_VERSION; verb: Verb; uid: string }>;

/** One request about all jobs of a kernel. */
export type HubCommand = Readonly<{ primwidgets: typeof PROTOCOL_VERSION; verb: HubVerb }>;

/** A Jupyter message with a command in it. */
export interface ICommandMessage {
  header: { msg_id: string; msg_type: string; session: string; username: string; date: string; version: string };
  parent_header: Record<string, never>;
  metadata: Record<string, never>;
  content: { comm_id: typeof COMMAND_COMM; data: Command | HubCommand };
  buffers: never[];
  channel: "control" | "shell";
}

/** The wire form of a command. */
export function commandMessage(verb: Verb, uid: string): Command {
  return { primwidgets: PROTOCOL_VERSION, verb, uid };
}

/** The wire form of a command about all jobs. */
export function hubCommandMessage(verb: HubVerb): HubCommand {
  return { primwidgets: PROTOCOL_VERSION, verb };
}
