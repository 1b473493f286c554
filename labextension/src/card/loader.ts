/**
 * The ES module that each widget of a job carries. It is small, since it is sent and stored with every job; the card
 * itself is in one further model for all jobs of a kernel, which the frontend has been told of before.
 */
import type { ICardHooks } from "./card";
import { pageLanguage, type Catalogue } from "../i18n/pageLanguage";
import type { IJobModel } from "../wire/jobModel";

type CardModule = Readonly<{ default: () => ICardHooks; speak: (tag: string, texts: Catalogue) => void }>;

/** The part of the frontend's model that holds the card's code. */
type CodeModel = Readonly<{ get(name: "module" | "style" | "german"): unknown }>;

/** The modules of a page by the id of their model: each job carries a copy of this loader. */
const KEY = Symbol.for("primwidgets.modules");

const REFERENCE = "IPY_MODEL_";

/** Called once for each model, so that all views of a job share one state and one Cancel. */
export default function loadCard(): { render: (props: { model: IJobModel; el: HTMLElement }) => Promise<() => void> } {
  let loading: Promise<ICardHooks> | undefined;
  return {
    render: async ({ model, el }) => {
      try {
        loading ??= moduleOf(model).then(module => module.default());
        return (await loading).render({ model, el });
      } catch (error) {
        loading = undefined;
        // eslint-disable-next-line jupyter/no-untranslated-string -- the catalogue is in what was not loaded
        el.textContent = "This card could not be loaded from its kernel. Run the cell again.";
        console.warn("primwidgets: the card could not be loaded", error);
        return () => undefined;
      }
    }
  };
}

async function moduleOf(model: IJobModel): Promise<CardModule> {
  const modules = modulesOfPage();
  const id = String(model.get("_code")).replace(REFERENCE, "");
  const known = modules.get(id) ?? importFrom(model, id);
  modules.set(id, known);
  try {
    return await known;
  } catch (error) {
    modules.delete(id);
    throw error;
  }
}

function modulesOfPage(): Map<string, Promise<CardModule>> {
  const page = globalThis as { [KEY]?: Map<string, Promise<CardModule>> | undefined };
  return (page[KEY] ??= new Map<string, Promise<CardModule>>());
}

async function importFrom(model: IJobModel, id: string): Promise<CardModule> {
  const code = (await model.widget_manager?.get_model?.(id)) as CodeModel | undefined;
  if (!code) {
    throw new Error(`No model ${id}`);
  }
  addStyle(String(code.get("style")));
  const url = URL.createObjectURL(new Blob([String(code.get("module"))], { type: "text/javascript" }));
  try {
    const module = (await import(/* webpackIgnore: true */ /* @vite-ignore */ url)) as CardModule;
    if (pageLanguage() === "de") {
      module.speak("de", JSON.parse(String(code.get("german"))) as Catalogue);
    }
    return module;
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** Where JupyterLab's extension has the same style sheet, it does no harm to have it twice. */
function addStyle(text: string): void {
  const style = document.createElement("style");
  style.textContent = text;
  document.head.append(style);
}
