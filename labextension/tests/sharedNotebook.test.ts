import type { ICodeCellModel } from "@jupyterlab/cells";
import type { INotebookModel } from "@jupyterlab/notebook";
import { describe, expect, it } from "vitest";

import { markedMetadata, removeCopies, writersBefore } from "../src/lab/outputs/sharedNotebook";
import { jobFields } from "./fakeKernel";

const MIME = "application/vnd.primwidgets.job+json";

function notebook(clientID: number, ids: readonly number[], collaborative = true): INotebookModel {
  const awareness = { clientID, getStates: () => new Map(ids.map(id => [id, {}])) };
  return { collaborative, sharedModel: { awareness } } as unknown as INotebookModel;
}

interface IOutput {
  data: Record<string, unknown>;
  metadata: Record<string, unknown>;
}

function output(uid: string, slot: number | null = null): IOutput {
  const data = { [MIME]: { primwidgets: 1, epoch: "e1", snapshot: jobFields(uid, "done with counts") } };
  return { data, metadata: slot === null ? {} : { [MIME]: { slot } } };
}

/** A cell whose outputs are those of a shared document. */
function cellWith(...all: IOutput[]): ICodeCellModel {
  const outputs = {
    get length(): number {
      return all.length;
    },
    get: (index: number) => all[index]
  };
  const updateOutputs = (from: number, to: number): unknown => all.splice(from, to - from);
  return { outputs, sharedModel: { updateOutputs } } as unknown as ICodeCellModel;
}

function slotsOf({ outputs }: ICodeCellModel): readonly unknown[] {
  return Array.from({ length: outputs.length }, (_, index) => outputs.get(index).metadata[MIME]);
}

describe("the order of the writers", () => {
  it("is that of the clients' ids, and there is one where no other client can write", () => {
    expect([5, 2, 9].map(id => writersBefore(notebook(id, [5, 2, 9])))).toEqual([1, 0, 2]);
    expect(writersBefore(notebook(5, [2, 5], false))).toBe(0);
    expect(writersBefore({ collaborative: true, sharedModel: {} } as INotebookModel)).toBe(0);
  });
});

describe("the mark of an output", () => {
  it("is the same for every client that writes it, and another one for each output of the job", () => {
    const { outputs } = cellWith(output("u1"), output("u2"), output("u1"));
    expect([0, 1, 2].map(index => markedMetadata(outputs, index)[MIME])).toEqual([
      { slot: 0 },
      { slot: 0 },
      { slot: 1 }
    ]);
  });

  it("stays, and is given to no other output", () => {
    const { outputs } = cellWith(output("u1", 1), output("u1"));
    expect([0, 1].map(index => markedMetadata(outputs, index)[MIME])).toEqual([{ slot: 1 }, { slot: 2 }]);
  });
});

describe("what two clients wrote in the place of one", () => {
  it("is one output again", () => {
    const cell = cellWith(output("u1", 0), output("u1", 0), output("u2", 0), output("u1", 1), output("u1", 1));
    removeCopies(cell);
    expect(slotsOf(cell)).toEqual([{ slot: 0 }, { slot: 0 }, { slot: 1 }]);
  });

  it("is not to be mixed up with a job that was displayed twice", () => {
    const cell = cellWith(output("u1"), output("u1"), { data: {}, metadata: {} }, { data: {}, metadata: {} });
    removeCopies(cell);
    expect(cell.outputs.length).toBe(4);
  });
});
