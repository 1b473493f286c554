import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { SUPPRESS_SHORTCUTS } from "./suppressShortcuts";
import { strings } from "../i18n/strings";

/**
 * Draws data of a MIME type into an element, sanitised as the page does with what it does not trust.
 *
 * @returns how to take it away; `null` where the page cannot draw it.
 */
export type MimeRenderer = (mimeType: string, data: unknown, host: HTMLElement) => (() => void) | null;

interface IMimeBoxProps {
  mimeType: string;
  data: unknown;
  renderMime: MimeRenderer;
  /** Shown where the page cannot draw it. */
  fallback: JSX.Element;
}

/** Something that the page draws. */
export function MimeBox({ mimeType, data, renderMime, fallback }: IMimeBoxProps): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    const remove = host.current && renderMime(mimeType, data, host.current);
    setFailed(remove === null);
    return remove ?? undefined;
  }, [mimeType, data, renderMime]);
  return (
    <>
      <div
        class="primwidgets-JobCard-mime"
        role="group"
        aria-label={strings.RESULT}
        tabIndex={0}
        ref={host}
        hidden={failed}
        {...SUPPRESS_SHORTCUTS}
      />
      {failed && fallback}
    </>
  );
}
