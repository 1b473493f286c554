/** Lumino's widgets refer to drag events when they are loaded; jsdom has none. Import this first. */
const page = globalThis as { DragEvent?: typeof DragEvent };
page.DragEvent ??= class extends MouseEvent {} as typeof DragEvent;

export {};
