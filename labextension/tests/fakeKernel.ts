import { Signal } from "@lumino/signaling";
import type { Kernel, KernelMessage } from "@jupyterlab/services";

import { GOLDEN } from "./golden";

/** A message that went to the kernel, as far as the tests look at it. */
interface ISent {
  header: { msg_type: string };
  channel: string;
  content: Readonly<Record<string, unknown>>;
}

/** A future that the test answers. */
class FakeFuture {
  onReply: (reply: unknown) => void = () => undefined;
  isDisposed = false;
  readonly done = new Promise<never>(() => undefined);

  dispose(): void {
    this.isDisposed = true;
  }
}

/** A kernel connection whose kernel is the test. */
export class FakeConnection {
  readonly id: string;
  readonly clientId = "client";
  readonly username = "reader";
  readonly name = "python3";
  readonly iopubMessage = new Signal<this, KernelMessage.IIOPubMessage>(this);
  readonly statusChanged = new Signal<this, Kernel.Status>(this);
  readonly connectionStatusChanged = new Signal<this, Kernel.ConnectionStatus>(this);
  readonly disposed = new Signal<this, void>(this);
  readonly sent: ISent[] = [];
  readonly clones: FakeConnection[] = [];
  readonly futures: FakeFuture[] = [];
  status: Kernel.Status = "idle";
  connectionStatus: Kernel.ConnectionStatus = "connected";
  isDisposed = false;
  tellInfo: (implementation: string) => void = () => undefined;
  readonly info = new Promise<KernelMessage.IInfoReply>(resolve => {
    this.tellInfo = implementation => {
      resolve({ status: "ok", implementation } as KernelMessage.IInfoReply);
    };
  });

  constructor(id = "k1") {
    this.id = id;
  }

  /** The same, for code that wants the whole interface. */
  get connection(): Kernel.IKernelConnection {
    return this as unknown as Kernel.IKernelConnection;
  }

  /** What went to the kernel: the types of questions, the verbs of commands. */
  get asked(): readonly unknown[] {
    return this.sent.map(
      ({ header, content }) => (content["data"] as { verb?: string } | undefined)?.verb ?? header.msg_type
    );
  }

  clone(): FakeConnection {
    const clone = new FakeConnection(this.id);
    clone.connectionStatus = "connecting";
    this.clones.push(clone);
    return clone;
  }

  sendControlMessage(message: ISent): FakeFuture {
    this.sent.push(message);
    const future = new FakeFuture();
    this.futures.push(future);
    return future;
  }

  sendShellMessage(message: ISent): FakeFuture {
    return this.sendControlMessage(message);
  }

  dispose(): void {
    if (!this.isDisposed) {
      this.isDisposed = true;
      this.disposed.emit();
      Signal.clearData(this);
    }
  }

  /** Answers the latest question for the hub. */
  answer(commId: string | null): void {
    const comms = commId === null ? {} : { [commId]: { target_name: "primwidgets.hub" } };
    this.futures.findLast(future => !future.isDisposed)?.onReply({ content: { status: "ok", comms } });
  }

  setStatus(status: Kernel.Status): void {
    this.status = status;
    this.statusChanged.emit(status);
  }

  setConnectionStatus(status: Kernel.ConnectionStatus): void {
    this.connectionStatus = status;
    this.connectionStatusChanged.emit(status);
  }

  /** A message on the hub's comm. */
  tell(data: unknown, commId = "c1"): void {
    const message = { header: { msg_type: "comm_msg" }, content: { comm_id: commId, data } };
    this.iopubMessage.emit(message as unknown as KernelMessage.IIOPubMessage);
  }
}

/** A golden job as the hub tells it, under another uid. */
export function jobFields(uid: string, like = "running with progress", change: object = {}): { uid: string } {
  return { ...(GOLDEN.find(one => one.case === like)?.snapshot as object), ...change, uid };
}

/** A message of the hub. */
export function news(sequence: number, change: object = {}): Readonly<Record<string, unknown>> {
  return { primwidgets: 1, epoch: "e1", sequence, whole: false, jobs: [], removed: [], ...change };
}
