import type { IDisposable } from "@lumino/disposable";
import { Signal } from "@lumino/signaling";

import type { IHubJob, IJobHub } from "../../hub/tokens";
import { kindOf } from "../jobKind";
import { Endings, waitedFor } from "./endings";
import { noticeOf, noticeOfMany, type Notice } from "./notice";
import type { NotificationSettings } from "./notificationSettings";

/** Jobs that end within this time are told together. */
const BURST_MS = 1000;

/** And while jobs go on ending, nothing is told more often than this. */
const PAUSE_MS = 5000;

/** More than so many are told in one message. */
const SINGLE_MOST = 3;

/** Tells the reader of jobs that end. */
export class JobNotifier implements IDisposable {
  readonly #hub: IJobHub;
  readonly #settings: () => NotificationSettings;
  readonly #show: (notice: Notice) => void;
  readonly #endings = new Endings();
  #ended: IHubJob[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #toldAt = -Infinity;
  #isDisposed = false;

  /**
   * @param settings - gives the settings as they are now.
   * @param show - shows one message.
   */
  constructor(hub: IJobHub, settings: () => NotificationSettings, show: (notice: Notice) => void) {
    this.#hub = hub;
    this.#settings = settings;
    this.#show = show;
    this.#endings.take(hub.jobs);
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

  #onChanged(): void {
    const settings = this.#settings();
    const ended = this.#endings.take(this.#hub.jobs).filter(job => isWanted(job, settings));
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
    const notices = ended.length > SINGLE_MOST ? [noticeOfMany(ended)] : ended.map(noticeOf);
    notices.forEach(this.#show);
  }
}

function isWanted(job: IHubJob, settings: NotificationSettings): boolean {
  const kind = kindOf(job);
  const told = kind === "done" || kind === "failed" || kind === "cancelled" ? settings[kind] : false;
  return told && (waitedFor(job) ?? Infinity) >= settings.minimumSeconds;
}
