import type { IRenderMimeRegistry } from "@jupyterlab/rendermime";
import type { PartialJSONValue } from "@lumino/coreutils";
import { Widget } from "@lumino/widgets";

import type { MimeRenderer } from "../../card/mimeBox";

/** Draws results with JupyterLab's own renderers, as an output of a notebook that is not trusted. */
export function mimeRenderer(rendermime: IRenderMimeRegistry): MimeRenderer {
  return (mimeType, data, host) => {
    const model = rendermime.createModel({ data: { [mimeType]: data as PartialJSONValue }, trusted: false });
    if (rendermime.preferredMimeType(model.data, "ensure") !== mimeType) {
      return null;
    }
    const renderer = rendermime.createRenderer(mimeType);
    renderer.renderModel(model).catch((error: unknown) => {
      console.debug("The result of a job could not be drawn", error);
    });
    if (host.isConnected) {
      Widget.attach(renderer, host);
    } else {
      host.append(renderer.node);
    }
    return () => {
      renderer.dispose();
    };
  };
}
