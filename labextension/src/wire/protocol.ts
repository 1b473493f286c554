/** The messages a frontend may send to the kernel; `schema.ts` is generated from `primwidgets/_jupyter/protocol.py`. */
import { PROTOCOL_VERSION, type CommandArguments, type HubVerb, type Verb } from "./schema";

export { PROTOCOL_VERSION } from "./schema";
export type { HubVerb, Verb } from "./schema";

/** The type of the messages that carry a command: servers that filter let messages of comms through. */
export const COMMAND_MESSAGE_TYPE = "comm_msg";

/** The comm that those messages name. */
export const COMMAND_COMM = "primwidgets.commands";

/** One request about one job; `arguments` is what it says beside that. */
export type Command = Readonly<{
  primwidgets: typeof PROTOCOL_VERSION;
  verb: Verb;
  uid: string;
  arguments?: CommandArguments[Verb];
}>;

/** One request about all jobs of a kernel. */
export type HubCommand = Readonly<{
  primwidgets: typeof PROTOCOL_VERSION;
  verb: HubVerb;
  arguments?: CommandArguments[HubVerb];
}>;

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
export function commandMessage<V extends Verb>(verb: V, uid: string, args?: CommandArguments[V]): Command {
  return { primwidgets: PROTOCOL_VERSION, verb, uid, ...(args && { arguments: args }) };
}

/** The wire form of a command about all jobs. */
export function hubCommandMessage<V extends HubVerb>(verb: V, args?: CommandArguments[V]): HubCommand {
  return { primwidgets: PROTOCOL_VERSION, verb, ...(args && { arguments: args }) };
}
