/**
 * Hands the focus on when a frontend replaces a view by another one of the same job, as JupyterLab does when the stored
 * output is refreshed. Without that, a keyboard would have to find its way back from the top of the page.
 */
export class FocusTransfer {
  /** The view that has the focus, or had it when it was taken out of the page. */
  #holder: HTMLElement | null = null;

  /** Takes in a view that was drawn. Returns what ends that. */
  adopt(view: HTMLElement): () => void {
    view.addEventListener("focusin", this.#gain);
    view.addEventListener("focusout", this.#yield);
    // A frontend puts a view into the page only after it was drawn.
    const frame = requestAnimationFrame(() => {
      this.#inherit(view);
    });
    return () => {
      cancelAnimationFrame(frame);
      view.removeEventListener("focusin", this.#gain);
      view.removeEventListener("focusout", this.#yield);
    };
  }

  readonly #gain = (event: FocusEvent): void => {
    this.#holder = event.currentTarget as HTMLElement;
  };

  /** A focus that goes to another element is given away; else what had it was taken out of the page. */
  readonly #yield = (event: FocusEvent): void => {
    if (event.relatedTarget !== null) {
      this.#holder = null;
    }
  };

  #inherit(view: HTMLElement): void {
    const lost = this.#holder?.isConnected === false && document.activeElement === document.body;
    if (lost) {
      view.querySelector<HTMLElement>("[aria-expanded]")?.focus({ preventScroll: true });
    }
  }
}
