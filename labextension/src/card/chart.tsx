import type { ComponentChildren, JSX } from "preact";

interface IChartProps {
  title: string;
  /** Said behind the title. */
  subtitle: string | null;
  /** The headings of the first and the last column. */
  columns: readonly [string, string];
  children: ComponentChildren;
}

/**
 * A chart whose rows are a table: name, picture, number. Screen readers read the numbers, and rows
 * fit long names and narrow cards.
 */
export function Chart({ title, subtitle, columns, children }: IChartProps): JSX.Element {
  return (
    <table class="primwidgets-JobCard-chart">
      <caption>
        <bdi>{title}</bdi>
        {subtitle !== null && <span class="primwidgets-JobCard-muted"> · {subtitle}</span>}
      </caption>
      <thead class="primwidgets-JobCard-hidden">
        <tr>
          <th scope="col">{columns[0]}</th>
          <td />
          <th scope="col">{columns[1]}</th>
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}

interface IChartRowProps {
  label: string;
  value: string;
  /** The shapes of the row's picture; lengths are in per cent of its width. */
  children: ComponentChildren;
}

/** One row of a chart. */
export function ChartRow({ label, value, children }: IChartRowProps): JSX.Element {
  return (
    <tr>
      <th scope="row">
        <bdi>{label}</bdi>
      </th>
      <td aria-hidden="true">
        <svg focusable="false">{children}</svg>
      </td>
      <td class="primwidgets-JobCard-number">{value}</td>
    </tr>
  );
}
