import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { strings } from "../i18n/strings";

/** Pixels: a table that is longer scrolls. */
const MOST = 320;

/**
 * Untrusted HTML where the page offers no sanitiser: in a frame without scripts, forms and popups, that
 * loads nothing from anywhere. It counts as of the page's own origin only so that its height can be read.
 */
export function HtmlFrame({ html }: { html: string }): JSX.Element {
  const [height, setHeight] = useState(MOST / 2);
  return (
    <iframe
      class="primwidgets-JobCard-html"
      sandbox="allow-same-origin"
      title={strings.RESULT}
      tabIndex={0}
      srcdoc={page(html)}
      style={{ height }}
      onLoad={event => {
        const body = event.currentTarget.contentDocument?.documentElement;
        if (body) {
          const { color, fontFamily } = getComputedStyle(event.currentTarget);
          Object.assign(body.style, { color, fontFamily });
          setHeight(Math.min(MOST, body.scrollHeight + 2));
        }
      }}
    />
  );
}

function page(html: string): string {
  const policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";
  const style = "body{margin:0;font-size:13px}table{border-collapse:collapse}th,td{padding:2px 8px;text-align:end}";
  return `<!doctype html><meta http-equiv="Content-Security-Policy" content="${policy}"><style>${style}</style>${html}`;
}
