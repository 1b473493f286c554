/**
 * Attributes of each focusable element of the card. Notebooks bind plain letters to cells, and `x` on a focused
 * button would cut the cell around it. Some listen before the card can, so that stopping the event does not help; but
 * JupyterLab and Notebook leave the keys alone on an element that says so.
 */
export const SUPPRESS_SHORTCUTS = { "data-lm-suppress-shortcuts": "true" } as const;
