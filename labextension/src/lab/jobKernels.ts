import type { ISessionContext } from "@jupyterlab/apputils";
import type { Kernel, ServiceManager, Session } from "@jupyterlab/services";
import type { IDisposable } from "@lumino/disposable";
import { Signal, type ISignal } from "@lumino/signaling";

import { HubClient } from "../hub/hubClient";
import type { JobHub } from "../hub/jobHub";
import type { KernelPlace } from "../hub/kernelJobs";
import type { IHubJob } from "../hub/tokens";
import type { NamedJob } from "../wire/storedJob";

/** Milliseconds that a kernel may be without a document before it gets a connection of its own: most soon have one. */
const OWN_CONNECTION_DELAY = 2000;

interface IClient {
  readonly client: HubClient;
  readonly kernel: Kernel.IKernelConnection;
  /** Whether the connection was made here, for a kernel that no open document uses. */
  readonly own: boolean;
}

/**
 * Keeps one hub client for each kernel: over the connection of a notebook or console that is open, else, for kernels
 * with jobs, over one of its own.
 */
export class JobKernels implements IDisposable {
  readonly hub: JobHub;
  readonly #services: ServiceManager.IManager;
  readonly #contexts = new Set<ISessionContext>();
  readonly #clients = new Map<string, IClient>();
  /** Kernels without jobs, with the moment of their last activity: until the next activity they have none either. */
  readonly #jobless = new Map<string, string>();
  readonly #contextChanged = new Signal<this, ISessionContext>(this);
  readonly #had = new WeakMap<ISessionContext, Set<string>>();
  #later: ReturnType<typeof setTimeout> | undefined;
  #followsOthers = false;
  #refreshing = false;
  #isDisposed = false;

  constructor(hub: JobHub, services: ServiceManager.IManager) {
    this.hub = hub;
    this.#services = services;
    services.kernels.runningChanged.connect(this.#onRunning, this);
    services.sessions.runningChanged.connect(this.#onSessions, this);
    hub.changed.connect(this.#onHub, this);
  }

  /** Emitted when a notebook or console was opened, and when it has another kernel. */
  get contextChanged(): ISignal<this, ISessionContext> {
    return this.#contextChanged;
  }

  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  dispose(): void {
    if (this.#isDisposed) {
      return;
    }
    this.#isDisposed = true;
    clearTimeout(this.#later);
    Signal.clearData(this);
    [...this.#clients.keys()].forEach(id => {
      this.#drop(id);
    });
  }

  /** Follows the kernels of a notebook or console until that is closed. */
  follow(context: ISessionContext): void {
    if (this.#contexts.has(context)) {
      return;
    }
    this.#contexts.add(context);
    context.kernelChanged.connect(this.#onKernel, this);
    context.propertyChanged.connect(this.#onProperty, this);
    context.disposed.connect(this.#onClosed, this);
    this.#adopt(context);
    this.#contextChanged.emit(context);
  }

  /** Follows the kernels that no open document uses, too. */
  followOthers(): void {
    this.#followsOthers = true;
    this.#scheduleOthers();
  }

  /**
   * The job of a stored output, if it is the one that the output says: a job of that process, on a kernel that the
   * output's document has or has had. A file can name the job of any other kernel.
   */
  jobOf(context: ISessionContext | null, { epoch, snapshot: { uid } }: NamedJob): IHubJob | null {
    const ids = context === null ? [] : [...this.#kernelsOf(context)];
    return ids.map(id => this.hub.kernel(id).ofProcess(uid, epoch)).find(job => job !== null) ?? null;
  }

  /** The kernels that a document has, or has had while this page is open. */
  #kernelsOf(context: ISessionContext): Set<string> {
    const ids = this.#had.get(context) ?? new Set();
    const id = context.session?.kernel?.id;
    this.#had.set(context, id === undefined ? ids : ids.add(id));
    return ids;
  }

  /** Has the kernel of `context` asked for its jobs, even while it is busy. */
  look(context: ISessionContext): void {
    this.follow(context);
    const id = context.session?.kernel?.id;
    if (id !== undefined) {
      this.#clients.get(id)?.client.look();
    }
  }

  #onKernel(context: ISessionContext): void {
    this.#adopt(context);
    this.#reconcile();
    this.#contextChanged.emit(context);
  }

  #onProperty(context: ISessionContext): void {
    this.#adopt(context);
  }

  #onClosed(context: ISessionContext): void {
    this.#contexts.delete(context);
    Signal.disconnectBetween(context, this);
    this.#reconcile();
  }

  #onRunning(): void {
    this.#reconcile();
  }

  #onSessions(_: unknown, models: readonly Session.IModel[]): void {
    models.forEach(({ kernel, type, path, name }) => {
      if (kernel && this.#clients.has(kernel.id)) {
        this.hub.kernel(kernel.id).move({ type, path, name });
      }
    });
  }

  /** Closes the connections that were made here to kernels that have no jobs, or none any more. */
  #onHub(): void {
    for (const [id, { own }] of this.#clients) {
      if (own && this.hub.kernel(id).isSilent) {
        this.#jobless.set(id, activityOf(this.#model(id)));
        this.#drop(id);
      }
    }
  }

  /** Takes over the connection of a document. */
  #adopt(context: ISessionContext): void {
    this.#kernelsOf(context);
    const kernel = context.session?.kernel;
    if (!kernel || kernel.isDisposed) {
      return;
    }
    const known = this.#clients.get(kernel.id);
    if (!known || known.own || known.kernel.isDisposed) {
      this.#drop(kernel.id);
      this.#connect(kernel, false);
    }
    this.hub.kernel(kernel.id).move(placeOf(context));
  }

  #connect(kernel: Kernel.IKernelConnection, own: boolean): HubClient {
    const client = new HubClient(kernel, this.hub.kernel(kernel.id));
    this.#clients.set(kernel.id, { client, kernel, own });
    kernel.disposed.connect(this.#onDisposed, this);
    return client;
  }

  #onDisposed(kernel: Kernel.IKernelConnection): void {
    if (this.#clients.get(kernel.id)?.kernel !== kernel) {
      return;
    }
    this.#drop(kernel.id);
    this.#reconcile();
    // The manager asks the server every ten seconds; whether this kernel goes on without its document is asked now.
    this.#services.kernels.refreshRunning().catch(() => undefined);
  }

  #drop(id: string): void {
    const entry = this.#clients.get(id);
    if (!entry) {
      return;
    }
    this.#clients.delete(id);
    entry.client.dispose();
    entry.kernel.disposed.disconnect(this.#onDisposed, this);
    if (entry.kernel.isDisposed && entry.kernel.status !== "dead") {
      this.hub.kernel(id).lose();
    }
    if (entry.own) {
      entry.kernel.dispose();
    }
  }

  /** Brings clients and kernels in line. */
  #reconcile(): void {
    this.#contexts.forEach(context => {
      this.#adopt(context);
    });
    const { kernels } = this.#services;
    if (kernels.isReady) {
      const running = new Set(Array.from(kernels.running(), ({ id }) => id));
      [...this.#jobless.keys()].filter(id => !running.has(id)).forEach(id => this.#jobless.delete(id));
      this.hub.kernelIds
        .filter(id => !running.has(id) && !this.#clients.has(id))
        .forEach(id => {
          this.hub.kernel(id).end();
        });
      this.#scheduleOthers();
    }
  }

  #scheduleOthers(): void {
    if (this.#followsOthers && !this.#refreshing) {
      clearTimeout(this.#later);
      this.#later = setTimeout(this.#connectToOthers, OWN_CONNECTION_DELAY);
    }
  }

  readonly #connectToOthers = (): void => {
    if (this.#others().length === 0) {
      this.#visitRunning();
      return;
    }
    // The list may be ten seconds old. A connection to a kernel that has ended meanwhile would be tried again and again.
    this.#refreshing = true;
    const visit = (): void => {
      this.#refreshing = false;
      this.#visitRunning();
    };
    this.#services.kernels.refreshRunning().then(visit, visit);
  };

  #visitRunning(): void {
    if (this.#isDisposed) {
      return;
    }
    const { kernels, sessions } = this.#services;
    [...kernels.running()]
      .filter(model => this.#isPython(model) && this.#clients.has(model.id))
      .forEach(model => {
        this.#lookWhileBusy(model);
      });
    this.#others().forEach(model => {
      // Messages to the comms of widgets are for the document that shows them, should it be opened again.
      this.#connect(kernels.connectTo({ model, handleComms: false }), true).look();
    });
    this.#onSessions(sessions, [...sessions.running()]);
  }

  /** The kernels without a connection that may have jobs. */
  #others(): Kernel.IModel[] {
    return [...this.#services.kernels.running()].filter(
      model =>
        this.#isPython(model) && !this.#clients.has(model.id) && this.#jobless.get(model.id) !== activityOf(model)
    );
  }

  /** Has a kernel asked once that was busy already when this page met it: the end of its cell may be far away. */
  #lookWhileBusy({ id, execution_state: state }: Kernel.IModel): void {
    const { client, kernel } = this.#clients.get(id) ?? {};
    if (!this.hub.kernel(id).answered && (state === "busy" || kernel?.status === "busy")) {
      client?.look();
    }
  }

  #isPython({ name }: Kernel.IModel): boolean {
    return this.#services.kernelspecs.specs?.kernelspecs[name]?.language === "python";
  }

  #model(id: string): Kernel.IModel | undefined {
    return [...this.#services.kernels.running()].find(model => model.id === id);
  }
}

function activityOf(model: Kernel.IModel | undefined): string {
  return model?.last_activity ?? "";
}

function placeOf(context: ISessionContext): KernelPlace {
  return { type: context.type, path: context.path, name: context.name };
}
