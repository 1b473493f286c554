import { KernelMessage, type Kernel } from "@jupyterlab/services";
import type { IDisposable } from "@lumino/disposable";

import { HUB_TARGET } from "../wire/hubMessage";

/** A question that is under way; disposing of it drops the answer. */
export type HubSearch = IDisposable;

/**
 * Asks a kernel for the comm of its hub, on the control channel, which is served while a cell runs.
 *
 * @param answer - is called once, with `null` where there is no hub; never if the kernel does not answer.
 */
export function findHub(kernel: Kernel.IKernelConnection, answer: (commId: string | null) => void): HubSearch {
  const request = KernelMessage.createMessage<KernelMessage.ICommInfoRequestMsg>({
    msgType: "comm_info_request",
    channel: "shell",
    session: kernel.clientId,
    username: kernel.username,
    content: { target_name: HUB_TARGET }
  });
  // JupyterLab's types know this message on the shell channel alone; ipykernel answers it on both.
  const message = { ...request, channel: "control" } as unknown as KernelMessage.IControlMessage;
  const future = kernel.sendControlMessage(message, true, true);
  future.onReply = reply => {
    answer(hubIn((reply as unknown as KernelMessage.ICommInfoReplyMsg).content));
  };
  future.done.catch(() => undefined); // it rejects when it is disposed of before the answer
  return future;
}

function hubIn(content: KernelMessage.ICommInfoReplyMsg["content"]): string | null {
  const comms = content.status === "ok" ? Object.entries(content.comms) : [];
  return comms.find(([, comm]) => comm.target_name === HUB_TARGET)?.[0] ?? null;
}
