import type { ComponentChildren, JSX } from "preact";

import { SUPPRESS_SHORTCUTS } from "./suppressShortcuts";

interface IActionButtonProps {
  onClick: () => void;
  children: ComponentChildren;
  /** The work is under way: the button stays and keeps the focus, and does nothing. */
  busy?: boolean;
  /** The button that a question leads to; it is the one that gets the focus. */
  preferred?: boolean;
  hint?: string;
}

/** A button of the card. */
export function ActionButton({ onClick, children, busy, preferred, hint }: IActionButtonProps): JSX.Element {
  return (
    <button
      type="button"
      class="primwidgets-JobCard-button"
      aria-disabled={busy ? "true" : undefined}
      data-preferred={preferred ? "" : undefined}
      title={hint}
      {...SUPPRESS_SHORTCUTS}
      onClick={event => {
        // The second click of a double click must not answer the question that the first one asked.
        if (!busy && event.detail < 2) {
          onClick();
        }
      }}
    >
      {children}
    </button>
  );
}
