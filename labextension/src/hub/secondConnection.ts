import type { Kernel } from "@jupyterlab/services";
import type { IDisposable } from "@lumino/disposable";
import { Signal } from "@lumino/signaling";

/** An idle kernel answers the first connection's `kernel_info_request` within this many milliseconds. */
const INFO_TIMEOUT_MS = 100;

/**
 * A second connection to a kernel that is busy when the page is loaded.
 *
 * If anything was sent before a connection was open, JupyterLab queues its messages until the kernel has answered
 * `kernel_info_request`, at most three seconds. A busy kernel does not answer, and the application always sends something
 * early on the first connection. A connection that is used here only has an empty queue.
 */
export class SecondConnection implements IDisposable {
  readonly #first: Kernel.IKernelConnection;
  readonly #opened: () => void;
  #second: Kernel.IKernelConnection | null = null;
  #later: ReturnType<typeof setTimeout> | undefined;
  #wanted = false;
  #isDisposed = false;

  /**
   * @param first - the connection that may have a queue.
   * @param opened - called when there is a connection without a queue.
   */
  constructor(first: Kernel.IKernelConnection, opened: () => void) {
    this.#first = first;
    this.#opened = opened;
    first.connectionStatusChanged.connect(this.#onFirst, this);
  }

  /** The second connection, if there is one. */
  get kernel(): Kernel.IKernelConnection | null {
    return this.#second;
  }

  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  /** Opens the second connection soon, unless the first connection turns out to have no queue. */
  open(): void {
    this.#wanted = true;
    this.#onFirst();
  }

  dispose(): void {
    this.#isDisposed = true;
    clearTimeout(this.#later);
    Signal.clearData(this);
    this.#second?.dispose();
    this.#second = null;
  }

  #onFirst(): void {
    if (this.#wanted && this.#first.connectionStatus === "connected" && this.#second === null) {
      clearTimeout(this.#later);
      this.#later = setTimeout(this.#connect, INFO_TIMEOUT_MS);
    }
  }

  readonly #connect = (): void => {
    this.#second = this.#first.clone({ handleComms: false });
    this.#second.connectionStatusChanged.connect(this.#onSecond, this);
  };

  #onSecond(_: Kernel.IKernelConnection, status: Kernel.ConnectionStatus): void {
    if (status === "connected") {
      this.#opened();
    }
  }
}
