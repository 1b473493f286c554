import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import { copyText } from "./copyText";
import { SUPPRESS_SHORTCUTS } from "./suppressShortcuts";
import { strings } from "../i18n/strings";

const SHOWN_MS = 2000;

interface ICopyButtonProps {
  text: string;
  /** What is copied, for the button's accessible name. */
  what: string;
  /** What the button says instead of "Copy". */
  word?: string;
  announce: (text: string) => void;
}

/** Copies a text and says for a moment whether that worked. */
export function CopyButton({ text, what, word, announce }: ICopyButtonProps): JSX.Element {
  const [outcome, setOutcome] = useState<string | null>(null);
  useEffect(() => {
    if (outcome === null) {
      return undefined;
    }
    const timer = setTimeout(() => {
      setOutcome(null);
      announce("");
    }, SHOWN_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [outcome, announce]);
  const copy = async (): Promise<void> => {
    const said = (await copyText(text)) ? strings.COPIED : strings.NOT_COPIED;
    setOutcome(said);
    announce(said);
  };
  return (
    <button
      type="button"
      class="primwidgets-JobCard-copy"
      aria-label={word ?? strings.copyWhat(what)}
      {...SUPPRESS_SHORTCUTS}
      onClick={() => {
        void copy();
      }}
    >
      {outcome ?? word ?? strings.COPY}
    </button>
  );
}
