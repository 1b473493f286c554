/**
 * For each element of the card that takes the focus. Notebooks bind plain letters to their cells, and `x` on a focused
 * button would cut the cell around it. Some listen before the card can, so that stopping the event does not help; but
 * JupyterLab and Notebook leave the keys alone on an element that says so.
 */
export const OWN_KEYS = { "data-lm-suppress-shortcuts": "true" } as const;
