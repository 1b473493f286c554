/** Whether the widget behind a view still has its kernel. */
import { isRecord } from "../wire/drawableText";
import type { IJobModel } from "../wire/jobModel";
import type { CardConnection } from "./connection";

/** The frontend's own model of a widget, which anywidget shows the card a part of. */
type WidgetModel = Readonly<{ comm_live?: unknown }>;

/**
 * Calls `changed` with where the view stands, as soon as that is known and after each change, until the function that
 * is returned is called. A frontend that does not tell has no views that outlive their kernel.
 */
export function followConnection(model: IJobModel, changed: (connection: CardConnection) => void): () => void {
  let isFollowing = true;
  let look = (): void => undefined;
  void widgetOf(model).then(widget => {
    if (widget && isFollowing) {
      look = () => {
        changed(widget.comm_live === false ? "gone" : "live");
      };
      model.on("comm_live_update", look);
      look();
    }
  });
  return () => {
    isFollowing = false;
    model.off("comm_live_update", look);
  };
}

async function widgetOf(model: IJobModel): Promise<WidgetModel | null> {
  const channel = model.get("_channel");
  const id = isRecord(channel) ? channel["model_id"] : null;
  try {
    return typeof id === "string" ? ((await model.widget_manager?.get_model?.(id)) ?? null) : null;
  } catch {
    return null; // this frontend finds models in another way, or not at all
  }
}
