import type { JSX } from "preact";

import { CopyButton } from "./copyButton";
import { HtmlFrame } from "./htmlFrame";
import { LongText } from "./longText";
import { MimeBox, type MimeRenderer } from "./mimeBox";
import { SaveButton } from "./saveButton";
import type { DisplayPreview } from "../wire/snapshot";
import { strings } from "../i18n/strings";

interface IDisplayedResultProps {
  preview: DisplayPreview;
  renderMime: MimeRenderer | undefined;
  announce: (text: string) => void;
}

/** Whether there is more to see than the line that stands on the card. */
export function hasMore({ text, html, image, document }: DisplayPreview): boolean {
  return text !== "" || [html, image, document].some(one => one !== null);
}

/** A result as Jupyter would display it: the richest form that this page can draw. */
export function DisplayedResult({ preview, renderMime, announce }: IDisplayedResultProps): JSX.Element {
  const { summary, text, image } = preview;
  return (
    <div class="primwidgets-JobCard-result">
      <div class="primwidgets-JobCard-resultBar">
        {summary !== "" && <bdi class="primwidgets-JobCard-summary">{summary}</bdi>}
        <CopyButton text={text || summary.replace(/^= /, "")} what={strings.RESULT} announce={announce} />
        {image && (
          <SaveButton
            name={`${strings.RESULT}.${image.format.replace(/\+.*/, "")}`}
            type={`image/${image.format}`}
            label={strings.SAVE_IMAGE}
            data={() => Uint8Array.from(atob(image.data), byte => byte.charCodeAt(0))}
          />
        )}
      </div>
      {richest(preview, renderMime)}
    </div>
  );
}

function richest({ summary, text, html, image, document }: DisplayPreview, renderMime?: MimeRenderer): JSX.Element {
  const plain = text === "" ? <></> : <LongText label={strings.RESULT} text={text} />;
  const picture = image ? (
    <img class="primwidgets-JobCard-image" src={`data:image/${image.format};base64,${image.data}`} alt={summary} />
  ) : null;
  if (document && renderMime) {
    const data = parsed(document.data);
    return <MimeBox mimeType={document.mime_type} data={data} renderMime={renderMime} fallback={picture ?? plain} />;
  }
  if (picture) {
    return picture;
  }
  if (html !== null) {
    return renderMime ? (
      <MimeBox mimeType="text/html" data={html} renderMime={renderMime} fallback={plain} />
    ) : (
      <HtmlFrame html={html} />
    );
  }
  return plain;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
