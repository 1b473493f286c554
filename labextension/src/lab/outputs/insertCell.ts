import type { NotebookPanel } from "@jupyterlab/notebook";

/** Puts a new cell with that code into an open notebook and goes to it. It does not run the code. */
export async function insertCell({ content }: NotebookPanel, index: number, code: string): Promise<void> {
  content.model?.sharedModel.insertCell(index, { cell_type: "code", source: code });
  content.activeCellIndex = index;
  await content.scrollToItem(index, "smart");
}
