import type { ComponentChildren, JSX } from "preact";

interface IChartProps {
  title: string;
  /** Said behind the title. */
  subtitle: string | null;
  /** The headings: of the names, and of the numbers. */
  columns: readonly string[];
  children: ComponentChildren;
}

/**
 * A chart whose rows are a table: name, picture, numbers. Screen readers read the numbers, and rows
 * fit long names and narrow cards.
 */
export function Chart({ title, subtitle, columns: [first, ...numbers], children }: IChartProps): JSX.Element {
  return (
    <table class="primwidgets-JobCard-chart">
      <caption>
        <bdi>{title}</bdi>
        {subtitle !== null && <span class="primwidgets-JobCard-muted"> · {subtitle}</span>}
      </caption>
      <thead>
        <tr>
          <th scope="col">{first}</th>
          <td />
          {numbers.map(number => (
            <th key={number} scope="col" class="primwidgets-JobCard-number">
              {number}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}

interface IChartRowProps {
  label: string;
  values: readonly string[];
  /** The shapes of the row's picture; lengths are in per cent of its width. */
  children: ComponentChildren;
}

/** One row of a chart. */
export function ChartRow({ label, values, children }: IChartRowProps): JSX.Element {
  return (
    <tr>
      <th scope="row">
        <bdi>{label}</bdi>
      </th>
      <td aria-hidden="true">
        <svg focusable="false">{children}</svg>
      </td>
      {values.map((value, index) => (
        <td key={index} class="primwidgets-JobCard-number">
          {value}
        </td>
      ))}
    </tr>
  );
}

/** A line below the rows, for what they leave out. */
export function ChartNote({ children }: { children: ComponentChildren }): JSX.Element {
  return (
    <tr>
      <td colSpan={4} class="primwidgets-JobCard-muted">
        {children}
      </td>
    </tr>
  );
}
