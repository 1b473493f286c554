/** How a command reaches the kernel: over its control channel where that is possible, else over the widget's comm. */
import { hearsControl, type IJobModel, type IKernel } from "./jobModel";
import { COMMAND_COMM, COMMAND_MESSAGE_TYPE, commandMessage } from "./protocol";
import type { Command, HubCommand, ICommandMessage, Verb } from "./protocol";

/** `control` is served while a cell runs; `comm` waits for the cell to end. */
export type Channel = "control" | "comm";

/** Sends a command about the job `uid` and says which way it went; over the comm where that is what is asked for. */
export function sendCommand(model: IJobModel, verb: Verb, uid: string, channel: Channel = "control"): Channel {
  const command = commandMessage(verb, uid);
  // The connection is looked up each time: another kernel may have taken its place since.
  const kernel = model.widget_manager?.kernel;
  if (channel === "control" && kernel && hearsControl(model) && sendToKernel(kernel, command)) {
    return "control";
  }
  model.send(command);
  return "comm";
}

/** Sends a command to the kernel itself, on its control channel or after the running cell; whether it is on its way. */
export function sendToKernel(kernel: IKernel, command: Command | HubCommand, channel: Channel = "control"): boolean {
  try {
    const future =
      channel === "control"
        ? kernel.sendControlMessage?.(messageOf(kernel, command, "control"), false, true)
        : kernel.sendShellMessage?.(messageOf(kernel, command, "shell"), false, true);
    // It rejects when the kernel goes away before it answers. The card finds out by itself that no answer came.
    future?.done.catch(() => undefined);
    return future !== undefined;
  } catch {
    // A connection that is closed or dead throws; the comm may still get through.
    return false;
  }
}

function messageOf(kernel: IKernel, data: Command | HubCommand, channel: ICommandMessage["channel"]): ICommandMessage {
  return {
    header: {
      msg_id: messageId(),
      msg_type: COMMAND_MESSAGE_TYPE,
      session: kernel.clientId,
      username: kernel.username,
      date: new Date().toISOString(),
      version: "5.3"
    },
    parent_header: {},
    metadata: {},
    content: { comm_id: COMMAND_COMM, data },
    buffers: [],
    channel
  };
}

/** `crypto.randomUUID` does not exist on pages served over plain http, which many notebook servers are. */
function messageId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, "0")).join("");
}
