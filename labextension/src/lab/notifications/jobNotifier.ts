import type { IDisposable } from "@lumino/disposable";
import { Signal } from "@lumino/signaling";

import type { IHubChange, IHubJob, IJobHub } from "../../hub/tokens";
import { kindOf } from "../jobKind";
import { CompletionTracker, waitedFor } from "./completionTracker";
import { notificationOf, notificationOfMany, type JobNotification } from "./jobNotification";
import type { NotificationSettings } from "./notificationSettings";

/** Jobs that end within this time share one notification. */
const BURST_MS = 1000;

/** The shortest time between two notifications while more jobs end. */
const PAUSE_MS = 5000;

/** More jobs than this share one notification. */
const SINGLE_MOST = 3;

/** Notifies the user of jobs that end. */
export class JobNotifier implements IDisposable {
  readonly #settings: () => NotificationSettings;
  readonly #show: (notification: JobNotification) => void;
  readonly #completions = new CompletionTracker();
  #ended: IHubJob[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #toldAt = -Infinity;
  #isDisposed = false;

  /**
   * @param settings - gives the settings as they are now.
   * @param show - shows one message.
   */
  constructor(hub: IJobHub, settings: () => NotificationSettings, show: (notification: JobNotification) => void) {
    this.#settings = settings;
    this.#show = show;
    this.#completions.take({ jobs: hub.jobs, removed: [] });
    hub.changed.connect(this.#onChanged, this);
  }

  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  dispose(): void {
    this.#isDisposed = true;
    clearTimeout(this.#timer);
    Signal.clearData(this);
  }

  #onChanged(_: IJobHub, change: IHubChange): void {
    const settings = this.#settings();
    const ended = this.#completions.take(change).filter(job => isWanted(job, settings));
    if (ended.length === 0) {
      return;
    }
    this.#ended.push(...ended);
    this.#timer ??= setTimeout(
      () => {
        this.#tell();
      },
      Math.max(BURST_MS, this.#toldAt + PAUSE_MS - Date.now())
    );
  }

  #tell(): void {
    const ended = this.#ended;
    this.#ended = [];
    this.#timer = undefined;
    this.#toldAt = Date.now();
    const notifications = ended.length > SINGLE_MOST ? [notificationOfMany(ended)] : ended.map(notificationOf);
    notifications.forEach(this.#show);
  }
}

function isWanted(job: IHubJob, settings: NotificationSettings): boolean {
  const kind = kindOf(job);
  const told = kind === "done" || kind === "failed" || kind === "cancelled" ? settings[kind] : false;
  return told && (waitedFor(job) ?? Infinity) >= settings.minimumSeconds;
}
