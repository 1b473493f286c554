import type { ComponentChildren, JSX } from "preact";

/** One named text; `extra` stands behind it. */
export type TextRow = Readonly<{ name: string; text: string; extra?: ComponentChildren }>;

/** Named texts below each other. Direction and script of one text do not reach another. */
export function TextRows({ rows }: { rows: readonly TextRow[] }): JSX.Element {
  return (
    <dl class="primwidgets-JobCard-rows">
      {rows.map(({ name, text, extra }) => (
        <div key={name}>
          <dt>
            <bdi>{name}</bdi>
          </dt>
          <dd>
            <bdi>{text}</bdi>
            {extra}
          </dd>
        </div>
      ))}
    </dl>
  );
}
