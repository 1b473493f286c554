/**
 * A notebook that several clients have open at the same time (jupyter-collaboration). Each of them knows the jobs, and
 * to replace an output is to delete one and to insert one: two clients that do it at the same time leave two outputs.
 */
import type { ICodeCellModel } from "@jupyterlab/cells";
import type { INotebookModel } from "@jupyterlab/notebook";

import { isRecord } from "../../wire/drawableText";
import { JOB_MIME_TYPE, readStoredJob } from "../../wire/storedJob";

type IOutputs = ICodeCellModel["outputs"];
type Metadata = IOutputs extends { get(index: number): { readonly metadata: infer M } } ? M : never;

/** The part of the awareness of a shared document that is used here. */
interface IAwareness {
  readonly clientID: number;
  getStates(): ReadonlyMap<number, unknown>;
}

/** Milliseconds that one client has for its writing, so that the next one sees what was written. */
export const TURN = 2000;

/** Whether other clients may write into the same notebook. */
export function isShared({ collaborative }: INotebookModel): boolean {
  return collaborative === true;
}

/** How many clients of the notebook write before this one: the order is that of their ids, which all of them know. */
export function writersBefore(notebook: INotebookModel): number {
  const { awareness } = notebook.sharedModel as { awareness?: IAwareness };
  return isShared(notebook) && awareness
    ? [...awareness.getStates().keys()].filter(id => id < awareness.clientID).length
    : 0;
}

/**
 * The metadata of an output that is about to be replaced, with a mark that tells it from other outputs of the same job
 * in its cell. Clients that write the same output write the same mark.
 */
export function markedMetadata(outputs: IOutputs, index: number): Metadata {
  const { metadata } = outputs.get(index);
  if (slotOf(outputs, index) !== null) {
    return metadata;
  }
  const taken = siblingsOf(outputs, index).map(sibling => slotOf(outputs, sibling));
  let slot = siblingsOf(outputs, index).filter(sibling => sibling < index).length;
  while (taken.includes(slot)) {
    slot += 1;
  }
  return { ...metadata, [JOB_MIME_TYPE]: { slot } };
}

/** Removes the outputs of a cell that two clients wrote in the place of one. */
export function removeCopies(cell: ICodeCellModel): void {
  const { outputs } = cell;
  for (let index = outputs.length - 1; index > 0; index--) {
    const slot = slotOf(outputs, index);
    const isCopy = (sibling: number): boolean => sibling < index && slotOf(outputs, sibling) === slot;
    if (slot !== null && siblingsOf(outputs, index).some(isCopy)) {
      cell.sharedModel.updateOutputs(index, index + 1, []);
    }
  }
}

/** The other outputs of the same job in the cell. */
function siblingsOf(outputs: IOutputs, index: number): readonly number[] {
  const uid = uidOf(outputs, index);
  const all = Array.from({ length: outputs.length }, (_, other) => other);
  return uid === null ? [] : all.filter(other => other !== index && uidOf(outputs, other) === uid);
}

function uidOf(outputs: IOutputs, index: number): string | null {
  return readStoredJob(outputs.get(index).data[JOB_MIME_TYPE])?.snapshot.uid ?? null;
}

function slotOf(outputs: IOutputs, index: number): number | null {
  const mark: unknown = (outputs.get(index).metadata as Readonly<Record<string, unknown>> | undefined)?.[JOB_MIME_TYPE];
  return isRecord(mark) && typeof mark["slot"] === "number" ? mark["slot"] : null;
}
