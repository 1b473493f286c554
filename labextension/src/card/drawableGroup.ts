/** What of a group's summary is drawn, whatever it holds. */
import { asMoment, drawableText, isRecord } from "../wire/drawableText";
import { JOB_STATES, type GroupMember, type GroupSummary, type JobState } from "../wire/snapshot";

const MEMBER_LIMIT = 100;

/** The part of a group's summary that a card can show. */
export function drawableGroup(value: Readonly<Record<string, unknown>>): GroupSummary {
  const { total, done, failed, cancelled, running, waiting, is_open, members } = value;
  const listed = Array.isArray(members) ? members.slice(0, MEMBER_LIMIT).filter(isRecord) : [];
  return {
    total: count(total),
    done: count(done),
    failed: count(failed),
    cancelled: count(cancelled),
    running: count(running),
    waiting: count(waiting),
    is_open: is_open === true,
    members: listed.map(drawableMember)
  };
}

function drawableMember({ uid, name, state, progress, seconds, note }: Readonly<Record<string, unknown>>): GroupMember {
  return {
    uid: drawableText(uid),
    name: drawableText(name),
    state: JOB_STATES.includes(state as JobState) ? (state as JobState) : "INITIALIZING",
    progress: typeof progress === "number" ? Math.min(1, Math.max(0, progress)) : null,
    seconds: asMoment(seconds),
    note: typeof note === "string" ? drawableText(note) : null
  };
}

function count(value: unknown): number {
  return typeof value === "number" && value > 0 ? value : 0;
}
