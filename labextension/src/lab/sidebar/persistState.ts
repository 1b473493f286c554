import type { IStateDB } from "@jupyterlab/statedb";
import { DisposableDelegate, type IDisposable } from "@lumino/disposable";
import { Signal } from "@lumino/signaling";

import type { SidebarState } from "./sidebarState";

const KEY = "primwidgets:sidebar";

/** Several changes within this time are written once. */
const DELAY_MS = 500;

/** Restores the state of the sidebar, and saves each change until it is disposed of. */
export function persistState(state: SidebarState, database: IStateDB): IDisposable {
  const owner = {};
  let timer: ReturnType<typeof setTimeout> | undefined;
  const keep = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      void database.save(KEY, state.toJSON());
    }, DELAY_MS);
  };
  void database.fetch(KEY).then(kept => {
    state.restore(kept);
    state.changed.connect(keep, owner);
  });
  return new DisposableDelegate(() => {
    clearTimeout(timer);
    Signal.clearData(owner);
  });
}
