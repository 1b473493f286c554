import type { ComponentChildren, JSX } from "preact";

import { LongText } from "./longText";

/** One named text; `extra` follows the text. */
export type TextRow = Readonly<{ name: string; text: string; extra?: ComponentChildren }>;

/** A text with more lines or characters gets a box that scrolls. */
const LINES = 4;
const CHARACTERS = 400;

/** More rows than that scroll. */
const ROWS = 24;

interface ITextRowsProps {
  /** What the rows are, for the name of a box that scrolls. */
  label: string;
  rows: readonly TextRow[];
}

/** Named texts below each other. Direction and script of one text do not reach another. */
export function TextRows({ label, rows }: ITextRowsProps): JSX.Element {
  const many = rows.length > ROWS;
  const list = (
    <dl class="primwidgets-JobCard-rows">
      {rows.map(({ name, text, extra }, index) => (
        <div key={index}>
          <dt>
            <bdi>{name}</bdi>
          </dt>
          <dd>
            {isLong(text) ? <LongText label={name} text={text} /> : <bdi>{text}</bdi>}
            {extra}
          </dd>
        </div>
      ))}
    </dl>
  );
  return many ? (
    <div class="primwidgets-JobCard-manyRows" role="group" aria-label={label} tabIndex={0}>
      {list}
    </div>
  ) : (
    list
  );
}

function isLong(text: string): boolean {
  return text.length > CHARACTERS || text.split("\n").length > LINES;
}
