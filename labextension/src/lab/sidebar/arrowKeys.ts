/** Arrow keys in the list of jobs: a long list is walked through faster than with the tab key. */

const STOPS = ".primwidgets-JobsPanel-groupToggle, .primwidgets-JobCard-toggle, .primwidgets-JobsPanel-more";

const TARGET: Readonly<Record<string, (index: number, count: number) => number>> = {
  ArrowDown: (index, count) => Math.min(index + 1, count - 1),
  ArrowUp: index => Math.max(index - 1, 0),
  Home: () => 0,
  End: (_index, count) => count - 1
};

/** Moves the focus from one heading or job of the list to another one. */
export function moveFocus(event: KeyboardEvent): void {
  const target = TARGET[event.key];
  const stops = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>(STOPS)];
  const index = stops.indexOf(event.target as HTMLElement);
  if (!target || index < 0 || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) {
    return;
  }
  event.preventDefault();
  stops[target(index, stops.length)]?.focus();
}
