/** The ES module that anywidget loads for a job board. */
import { render } from "preact";

import { KernelJobs } from "../hub/kernelJobs";
import { sendToKernel } from "../wire/channel";
import { readHubMessage } from "../wire/hubMessage";
import { hearsControl, type IJobModel, type IKernel } from "../wire/jobModel";
import { commandMessage, hubCommandMessage, type Command, type HubCommand } from "../wire/protocol";
import GERMAN from "../i18n/german.json";
import { pageLanguage } from "../i18n/pageLanguage";
import { speak } from "../i18n/translation";
import { BoardView } from "./boardView";

/** The part of anywidget's model that the board uses. */
export interface IBoardModel extends Omit<IJobModel, "on" | "off" | "send"> {
  on(event: "msg:custom", listener: (content: unknown) => void): void;
  off(event: "msg:custom", listener: (content: unknown) => void): void;
  send(content: Command | HubCommand): void;
}

/** anywidget's hooks for one board. */
export interface IBoardHooks {
  initialize(props: { model: IBoardModel }): () => void;
  render(props: { model: IBoardModel; el: HTMLElement }): () => void;
}

if (pageLanguage() === "de") {
  speak("de", GERMAN);
}

const HOST_CLASS = "primwidgets-JobBoard-host";

/** Called once for each board, so that all its views share the kernel's messages. */
export default function createBoard(): IBoardHooks {
  const views = new Set<() => void>();
  const jobs = new KernelJobs("kernel", () => {
    views.forEach(draw => {
      draw();
    });
  });
  return {
    initialize: ({ model }) => follow(model, jobs),
    render: ({ model, el }) => {
      const draw = coalesced(() => {
        const kernel = jobs.view;
        render(
          <BoardView
            jobs={jobs.jobs}
            kernels={kernel ? [kernel] : []}
            cancel={chosen => {
              chosen.forEach(job => {
                job.actions.cancel();
              });
            }}
          />,
          el
        );
      });
      el.classList.add(HOST_CLASS);
      views.add(draw);
      draw();
      if (!jobs.answered) {
        send(model, hubCommandMessage("sync"));
      }
      return () => {
        views.delete(draw);
        render(null, el);
        el.classList.remove(HOST_CLASS);
      };
    }
  };
}

/** Takes in what the kernel tells, and sends what the reader wants. */
function follow(model: IBoardModel, jobs: KernelJobs): () => void {
  jobs.link = {
    sendCommand: (verb, uid) => {
      send(model, commandMessage(verb, uid));
    },
    sendHubCommand: verb => {
      send(model, hubCommandMessage(verb));
    }
  };
  const onMessage = (content: unknown): void => {
    const message = readHubMessage(content);
    if (message === "foreign") {
      jobs.refuse();
    } else if (message !== null && !jobs.receive(message)) {
      send(model, hubCommandMessage("sync"));
    }
  };
  model.on("msg:custom", onMessage);
  return () => {
    model.off("msg:custom", onMessage);
    jobs.link = null;
  };
}

/** Sends a command on the control channel where the frontend has it, else over the board's comm. */
function send(model: IBoardModel, command: Command | HubCommand): void {
  const kernel: IKernel | null | undefined = model.widget_manager?.kernel;
  if (!(kernel && hearsControl(model as unknown as IJobModel) && sendToKernel(kernel, command))) {
    model.send(command);
  }
}

/** Calls `draw` once for all calls of one frame. */
function coalesced(draw: () => void): () => void {
  let isPlanned = false;
  return () => {
    if (!isPlanned) {
      isPlanned = true;
      requestAnimationFrame(() => {
        isPlanned = false;
        draw();
      });
    }
  };
}
