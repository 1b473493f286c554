import type { ICodeCellModel } from "@jupyterlab/cells";
import type { NotebookPanel } from "@jupyterlab/notebook";

/** Puts the cursor into a line of the cell with that number, counted from 1; false where there is no such cell. */
export async function goToLineOf({ content }: NotebookPanel, cell: number, line: number): Promise<boolean> {
  const index = content.widgets.findIndex(({ model }) => (model as Partial<ICodeCellModel>).executionCount === cell);
  if (index < 0) {
    return false;
  }
  content.deselectAll();
  content.activeCellIndex = index;
  await content.scrollToItem(index, "smart");
  const widget = content.widgets[index];
  await widget?.ready;
  content.mode = "edit";
  widget?.editor?.setCursorPosition({ line: line - 1, column: 0 });
  widget?.editor?.focus();
  return true;
}
