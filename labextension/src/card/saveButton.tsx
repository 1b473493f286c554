import type { JSX } from "preact";

import { SUPPRESS_SHORTCUTS } from "./suppressShortcuts";

interface ISaveButtonProps {
  /** The name of the file; what no file system takes is left out. */
  name: string;
  type: string;
  label: string;
  data: () => BlobPart;
}

/** Saves data as a file of the browser's downloads. */
export function SaveButton({ name, type, label, data }: ISaveButtonProps): JSX.Element {
  const save = (): void => {
    const url = URL.createObjectURL(new Blob([data()], { type }));
    const link = document.createElement("a");
    link.href = url;
    link.download = name.replace(/[^\p{L}\p{N}. _-]+/gu, "-");
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <button type="button" class="primwidgets-JobCard-copy" {...SUPPRESS_SHORTCUTS} onClick={save}>
      {label}
    </button>
  );
}
