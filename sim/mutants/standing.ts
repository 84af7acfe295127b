/** Bugs in what stands while nobody is there: standing subscriptions, durable consumers, streams; and in what is told of a topic that joins. */
import type { Mutant } from "./mutant.ts";

const gateway = "packages/relay/src/gateway";
const intake = "packages/relay/src/intake";
const standing = { tests: [`${gateway}/standing/subscriptions.test.ts`] } as const;
const consumers = { tests: [`${gateway}/standing/consumers.test.ts`] } as const;
const stream = { tests: [`${gateway}/stream.test.ts`] } as const;
const joining = {
  tests: [`${intake}/recorder.test.ts`, `${intake}/uplink.test.ts`],
} as const;

export const standingMutants: readonly Mutant[] = [
  {
    name: "standing-of-anybody",
    room: "gateway",
    file: `${gateway}/standing/subscriptions.ts`,
    find: "if (kept !== undefined && kept.standing.clientId === clientId) return kept;",
    replace: "if (kept !== undefined) return kept;",
    caughtBy: standing,
  },
  {
    name: "standing-expires-under-its-reader",
    room: "gateway",
    file: `${gateway}/standing/subscriptions.ts`,
    find: "if (standing.expiresMs !== null) this.#change(kept, { expiresMs: null, since: null });",
    replace: "if (standing.expiresMs !== null) this.#change(kept, { since: null });",
    caughtBy: standing,
  },
  {
    name: "standing-never-expires-after-a-kill",
    room: "gateway",
    file: `${gateway}/standing/subscriptions.ts`,
    find: "const expiresMs = standing.expiresMs ?? this.#expiry();",
    replace: "const { expiresMs } = standing;",
    caughtBy: standing,
  },
  {
    name: "every-reader-from-the-beginning",
    room: "gateway",
    file: `${gateway}/standing/subscriptions.ts`,
    find: "this.#change(kept, { expiresMs: null, since: null });",
    replace: "this.#change(kept, { expiresMs: null });",
    caughtBy: standing,
  },
  {
    name: "first-state-kept",
    room: "gateway",
    file: `${gateway}/standing/keeper.ts`,
    find: "this.#waiting.set(id, record);\n    if (this.#writing.has(id)) return;",
    replace: "if (this.#writing.has(id)) return;\n    this.#waiting.set(id, record);",
    caughtBy: standing,
  },
  {
    name: "ack-moves-back",
    room: "gateway",
    file: `${gateway}/standing/consumers.ts`,
    find: "if (isMine() && position > positionNow()) this.#move(key, position);",
    replace: "if (isMine()) this.#move(key, position);",
    caughtBy: consumers,
  },
  {
    name: "ack-of-a-lost-seat",
    room: "gateway",
    file: `${gateway}/standing/consumers.ts`,
    find: "if (isMine() && position > positionNow()) this.#move(key, position);",
    replace: "if (position > positionNow()) this.#move(key, position);",
    caughtBy: consumers,
  },
  {
    name: "last-ack-forgotten",
    room: "gateway",
    file: `${gateway}/standing/consumers.ts`,
    find: "if (position === undefined || position === stored) return;",
    replace: "if (position === undefined || stored >= 0) return;",
    caughtBy: consumers,
  },
  {
    name: "consumers-of-others-count",
    room: "gateway",
    file: `${gateway}/standing/consumers.ts`,
    find: 'const start = journalNameOf(keyOf(clientId, ""));',
    replace: "const start = journalNameOf(clientId);",
    caughtBy: consumers,
  },
  {
    name: "away-means-unwanted",
    room: "gateway",
    file: `${gateway}/standing/consumers.ts`,
    find: "if (isMine()) this.#sitting.delete(key);",
    replace:
      "if (isMine()) {\n          this.#sitting.delete(key);\n          this.#wanted.get(key)?.unwant();\n        }",
    caughtBy: consumers,
  },
  {
    name: "ack-beyond-another-subscription",
    room: "gateway",
    file: `${gateway}/connection/subscriptions.ts`,
    find: "return Math.min(named, ...positions);",
    replace: "return named;",
    caughtBy: { tests: [`${gateway}/connection/connection.test.ts`] },
  },
  {
    name: "woken-where-it-has-moved-from",
    room: "gateway",
    file: `${gateway}/alarms.ts`,
    find: "if (from !== undefined) this.#asleep.get(from)?.delete(sleeper);",
    replace: "",
    caughtBy: { tests: [`${gateway}/alarms.test.ts`] },
  },
  {
    name: "ended-and-wanted-still",
    room: "gateway",
    file: `${gateway}/connection/begun.ts`,
    find: 'if (this.#phase === "over") return;\n    const',
    replace: "const",
    caughtBy: { tests: [`${gateway}/connection/connection.test.ts`] },
  },
  {
    name: "a-line-end-ends-a-block",
    room: "gateway",
    file: `${gateway}/stream.ts`,
    find: 'const data = /[\\r\\n]/u.test(text) ? text.split(/\\r\\n|[\\r\\n]/u).join("\\ndata: ") : text;',
    replace: "const data = text;",
    caughtBy: stream,
  },
  {
    name: "no-place-to-go-on-after",
    room: "gateway",
    file: `${gateway}/stream.ts`,
    find: 'const carriesPlace: ReadonlySet<string> = new Set(["event", "gap", "heartbeat"]);',
    replace: 'const carriesPlace: ReadonlySet<string> = new Set(["event", "heartbeat"]);',
    caughtBy: stream,
  },
  {
    name: "joined-in-silence",
    room: "intake",
    file: `${intake}/recorder.ts`,
    find: "          ...this.#endJoining(topics, fromMs, nowMs),\n",
    replace: "",
    caughtBy: joining,
  },
  {
    name: "first-event-ahead-of-its-gap",
    room: "intake",
    file: `${intake}/recorder.ts`,
    find: "return this.#joining.size === 0 ? none : this.#endJoining([topic], receivedAtMs, nowMs);",
    replace:
      "return this.#joining.size < 0 ? this.#endJoining([topic], receivedAtMs, nowMs) : none;",
    caughtBy: joining,
  },
  {
    name: "new-queue-since-now",
    room: "intake",
    file: `${gateway}/organisation/follower.ts`,
    find: "this.#newSince(this.#begun.get(name) ?? startMs);",
    replace: "this.#newSince(this.#nowMs);",
    caughtBy: joining,
  },
  {
    name: "patterns-begin-with-a-gap",
    room: "intake",
    file: `${intake}/wishes.ts`,
    find: "const isAwaited = this.#subscriptions.length > 0 || !this.#isFirst;",
    replace: "const isAwaited = true;",
    caughtBy: joining,
  },
];
