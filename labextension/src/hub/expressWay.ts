import type { Kernel } from "@jupyterlab/services";
import type { IDisposable } from "@lumino/disposable";
import { Signal } from "@lumino/signaling";

/** Milliseconds in which a kernel that is idle has told about itself. */
const INFO_PATIENCE = 100;

/**
 * A second connection to a kernel that is busy when the page is loaded.
 *
 * A connection holds back what was asked for before it was open, and everything after that, until the kernel has told
 * about itself, or for three seconds. A kernel that runs a cell does not tell, and on the first connection the
 * application always asks for something early. A connection that nobody else uses has nothing to hold back.
 */
export class ExpressWay implements IDisposable {
  readonly #first: Kernel.IKernelConnection;
  readonly #opened: () => void;
  #second: Kernel.IKernelConnection | null = null;
  #later: ReturnType<typeof setTimeout> | undefined;
  #wanted = false;
  #isDisposed = false;

  /**
   * @param first - the connection that may have a queue.
   * @param opened - called when there is a way without a queue.
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

  /** Opens the second connection soon, unless it turns out that there is no need for it. */
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
      this.#later = setTimeout(this.#connect, INFO_PATIENCE);
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
