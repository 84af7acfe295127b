/** What a snapshot of a conversation says, as far as event types are derived from it. All fields may be missing. */
import { digestOf } from "./digest.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** What may be an id of Genesys Cloud; what redaction puts in the place of one is none. */
const idShape = /^[\w-]{1,64}$/u;
/** What after-call work is before there is any. */
const idle: ReadonlySet<unknown> = new Set(["unknown", "notApplicable"]);
const over: ReadonlySet<unknown> = new Set(["disconnected", "terminated"]);

/** The id of the conversation; undefined where the body has none. */
export function conversationIdOf(body: unknown): string | undefined {
  const id = isFields(body) ? body["id"] : undefined;
  return typeof id === "string" && idShape.test(id) ? id : undefined;
}

export function participantsOf(body: unknown): readonly Fields[] {
  const list = isFields(body) ? body["participants"] : undefined;
  return Array.isArray(list) ? list.filter(isFields) : [];
}

/** It has an end, or sessions that are all over. */
export function hasEnded(participant: Fields): boolean {
  if (isSaid(participant["endTime"])) return true;
  const sessions = sessionsOf(participant);
  return sessions.length > 0 && sessions.every(({ state }) => over.has(state));
}

/** When the first participant came; undefined where no participant says. */
export function startMsOf(participants: readonly Fields[]): number | undefined {
  const times = participants.flatMap((participant) => instants(participant, startFields));
  return times.length === 0 ? undefined : Math.min(...times);
}

/** Whether nobody has come yet; not where that cannot be read, as after redaction. */
export function hasNoStart(body: unknown): boolean {
  const list = isFields(body) ? body["participants"] : undefined;
  return (
    Array.isArray(list) &&
    list.every((one) => isFields(one) && !startFields.some((name) => isSaid(one[name])))
  );
}

/** When the last participant ended; undefined where no participant says. */
export function endMsOf(participants: readonly Fields[]): number | undefined {
  const times = participants.flatMap((participant) => instants(participant, ["endTime"]));
  return times.length === 0 ? undefined : Math.max(...times);
}

/** After-call work and wrap-ups of all participants; what only says that there may be some is left out. */
export function wrappingOf(participants: readonly Fields[]): string {
  return digestOf(
    participants.map((participant) => {
      const said = wrapFields(participant);
      return said.length === 0 ? undefined : { id: participant["id"], said };
    }),
  );
}

const startFields = ["connectedTime", "startTime"] as const;

function wrapFields(participant: Fields): readonly Fields[] {
  const { wrapup, wrapupSkipped, startAcwTime, endAcwTime } = participant;
  const own = { wrapup, wrapupSkipped, startAcwTime, endAcwTime };
  const ofSessions = sessionsOf(participant).map(({ id, wrapup: code, afterCallWork }) => {
    const work = isFields(afterCallWork) && !idle.has(afterCallWork["state"]) && afterCallWork;
    return isSaid(code) || work !== false ? { id, code, work } : undefined;
  });
  return [Object.values(own).some(isSaid) ? own : undefined, ...ofSessions].filter(
    (fields) => fields !== undefined,
  );
}

/** Sessions of every medium: lists of objects with a state. */
function sessionsOf(participant: Fields): readonly Fields[] {
  const sessions: Fields[] = [];
  for (const key in participant) {
    const list = participant[key];
    if (!Array.isArray(list)) continue;
    for (const item of list) if (isFields(item) && "state" in item) sessions.push(item);
  }
  return sessions;
}

function instants(participant: Fields, names: readonly string[]): readonly number[] {
  return names
    .map((name) => participant[name])
    .map((text) => (typeof text === "string" ? Date.parse(text) : Number.NaN))
    .filter((atMs) => !Number.isNaN(atMs));
}

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== "";
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
