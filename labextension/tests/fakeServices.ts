import type { ISessionContext } from "@jupyterlab/apputils";
import { Signal } from "@lumino/signaling";
import { vi } from "vitest";

import { FakeConnection } from "./fakeKernel";

/** A kernel as the server lists it. */
export interface IModel {
  id: string;
  name: string;
  last_activity: string;
  execution_state?: string;
}

/** The server's lists, as the test sets them. */
export class FakeServices {
  models: IModel[] = [];
  readonly made: FakeConnection[] = [];
  readonly kernels = {
    runningChanged: new Signal<object, readonly IModel[]>({}),
    isReady: true,
    running: (): Iterator<IModel> => this.models[Symbol.iterator](),
    refreshRunning: vi.fn(() => Promise.resolve()),
    connectTo: ({ model }: { model: IModel }): FakeConnection => {
      const connection = new FakeConnection(model.id);
      this.made.push(connection);
      return connection;
    }
  };
  readonly sessions = {
    runningChanged: new Signal<object, readonly object[]>({}),
    list: [] as object[],
    running: (): Iterator<object> => this.sessions.list[Symbol.iterator]()
  };
  readonly kernelspecs = { specs: { kernelspecs: { python3: { language: "python" }, ir: { language: "R" } } } };

  run(...models: readonly IModel[]): void {
    this.models = [...models];
    this.kernels.runningChanged.emit(this.models);
  }
}

/** A notebook. */
export class FakeContext {
  readonly kernelChanged = new Signal<this, object>(this);
  readonly propertyChanged = new Signal<this, string>(this);
  readonly disposed = new Signal<this, void>(this);
  readonly type = "notebook";
  readonly name = "a.ipynb";
  path = "a.ipynb";
  session: { kernel: FakeConnection | null } | null = null;

  get context(): ISessionContext {
    return this as unknown as ISessionContext;
  }

  connect(kernel: FakeConnection | null): void {
    this.session = { kernel };
    this.kernelChanged.emit({});
  }
}

/** A kernel of that language, with the moment of its last activity. */
export function model(id: string, name = "python3", last_activity = "1"): IModel {
  return { id, name, last_activity };
}
