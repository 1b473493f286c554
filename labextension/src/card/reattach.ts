/** How to take up a job again in another kernel, as Python for a cell. */
import { isRecord } from "../wire/drawableText";
import type { JobSnapshot } from "../wire/snapshot";

/** The field of that name of a locator; `null` where it is missing or not what it may be. */
type Read = (field: string, form: RegExp) => string | null;

/** Lines of Python: what is imported, and an expression for the provider's job. */
type Recipe = (read: Read) => readonly [lines: string, job: string] | null;

const ID = /^[^]{1,300}$/;
const CHANNEL = /^(ibm_quantum_platform|ibm_cloud)$/;
const INSTANCE = /^crn:v\d+(:[\w./-]*){8}$/;
const BACKGROUND_ID = /^bg-[0-9a-f]{32}$/;
const NAME = /^[\w.-]{1,100}$/;
const NAME_OR_NOTHING = /^[\w.-]{0,100}$/;

/**
 * What each known provider's job is found with; the twin of `locate` in `primwidgets/adapters`. A file can hold any
 * locator, so no text of it becomes code: it fills in literals of these expressions. Names of files are not taken over,
 * since what a file says of a cluster is obeyed: a cluster is one of the reader's own profiles.
 */
const RECIPES: Readonly<Record<string, Recipe>> = {
  qiskit_ibm_runtime: read => {
    const id = read("job_id", ID);
    const account = argumentsOf(read, [
      ["channel", CHANNEL],
      ["instance", INSTANCE]
    ]);
    return id === null
      ? null
      : [
          "from qiskit_ibm_runtime import QiskitRuntimeService",
          `QiskitRuntimeService(${account}).job(${pythonText(id)})`
        ];
  },
  primwidgets_background: read => {
    const id = read("job_id", BACKGROUND_ID);
    return id === null
      ? null
      : ["from primwidgets.engines.background import find_background_job", `find_background_job(${pythonText(id)})`];
  },
  ipyparallel: read => {
    const [profile, cluster, call] = [read("profile", NAME), read("cluster_id", NAME_OR_NOTHING), read("msg_id", NAME)];
    if (profile === null || cluster === null || call === null) {
      return null;
    }
    const place = `profile=${pythonText(profile)}, cluster_id=${pythonText(cluster)}`;
    const result = `.connect_client_sync().get_result(${pythonText(call)}, owner=False)`;
    return ["from ipyparallel import Cluster", `Cluster.from_file(${place})${result}`];
  }
};

/** The code that gets the job again; `null` where primwidgets knows none. It is put into a cell and never run from here. */
export function reattachCode({ locator }: Pick<JobSnapshot, "locator">): string | null {
  if (!isRecord(locator)) {
    return null;
  }
  const read: Read = (field, form) => {
    const text: unknown = Object.hasOwn(locator, field) ? locator[field] : null;
    return typeof text === "string" && form.test(text) ? text : null;
  };
  const provider = read("provider", NAME) ?? "";
  const found = Object.hasOwn(RECIPES, provider) ? RECIPES[provider]?.(read) : null;
  if (!found) {
    return null;
  }
  const [lines, job] = found;
  return [lines, "from primwidgets import WidgetJob", "", `job = WidgetJob(${job})`, "job"].join("\n");
}

/** Keyword arguments for those of the fields that are there and are what they may be. */
function argumentsOf(read: Read, fields: readonly (readonly [string, RegExp])[]): string {
  return fields
    .map(([field, form]) => [field, read(field, form)] as const)
    .flatMap(([field, text]) => (text === null ? [] : [`${field}=${pythonText(text)}`]))
    .join(", ");
}

/** A literal of Python, in ASCII and on one line, whatever the text holds. */
function pythonText(text: string): string {
  const characters = Array.from(text, character => {
    const code = character.codePointAt(0) ?? 0;
    if (character === "'" || character === "\\") {
      return `\\${character}`;
    }
    if (code >= 0x20 && code < 0x7f) {
      return character;
    }
    return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
  });
  return `'${characters.join("")}'`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}
