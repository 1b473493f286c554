/** One timer for all cards of a page. */

interface IPageClock {
  /** Calls `listener` a few times a second while the page is visible, until the returned function is called. */
  subscribe(listener: () => void): () => void;
}

const PERIOD_MS = 250;

/** Each widget imports a copy of this module, so what they share is kept on the page. */
const KEY = Symbol.for("primwidgets.pageClock");

class PageClock implements IPageClock {
  readonly #listeners = new Set<() => void>();
  #timer: ReturnType<typeof setInterval> | undefined;

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    this.#timer ??= setInterval(this.#tick, PERIOD_MS);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) {
        clearInterval(this.#timer);
        this.#timer = undefined;
      }
    };
  }

  readonly #tick = (): void => {
    if (!document.hidden) {
      [...this.#listeners].forEach(listener => {
        listener();
      });
    }
  };
}

/** The page's clock. */
export function pageClock(): IPageClock {
  const page = globalThis as { [KEY]?: IPageClock | undefined };
  return (page[KEY] ??= new PageClock());
}

/** Epoch seconds. */
export function epochSeconds(): number {
  return Date.now() / 1000;
}
