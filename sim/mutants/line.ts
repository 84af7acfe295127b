/** Bugs in how a line lives: its sessions, their rotation, the seams between them, what it carries, its gaps. */
import type { Mutant } from "./mutant.ts";

const client = "packages/client/src";
const worlds = { worlds: [1, 6] } as const;
const session = { tests: [`${client}/session/machine.test.ts`] } as const;
const liveness = { tests: [`${client}/session/liveness.test.ts`] } as const;
const rotation = { tests: [`${client}/rotation/machine.test.ts`] } as const;
const seam = { tests: [`${client}/line/seam.test.ts`] } as const;
const carriage = { tests: [`${client}/line/carriage.test.ts`] } as const;
const consumer = { tests: [`${client}/client-rotation.test.ts`] } as const;
const gaps = { tests: [`${client}/trunk/gaps.test.ts`] } as const;

export const lineMutants: readonly Mutant[] = [
  {
    name: "backoff-reset-on-open",
    room: "session",
    file: `${client}/session/machine.ts`,
    find: "const next = live({ ...state.memory, down: undefined }, state.channel, env);",
    replace:
      "const next = live({ ...state.memory, attempt: 0, down: undefined }, state.channel, env);",
    caughtBy: session,
  },
  {
    name: "backoff-never-reset",
    room: "session",
    file: `${client}/session/machine.ts`,
    find: "attempt: held ? 0 : state.memory.attempt,",
    replace: "attempt: state.memory.attempt,",
    caughtBy: session,
  },
  {
    name: "pong-proves-newest-ping",
    room: "session",
    file: `${client}/session/liveness.ts`,
    find: "const [proven, ...unanswered] = state.unanswered;",
    replace: "const proven = state.unanswered.at(-1); const unanswered: readonly number[] = [];",
    caughtBy: liveness,
  },
  {
    name: "refused-upgrade-condemns-channel",
    room: "session",
    file: `${client}/session/machine.ts`,
    find: 'channel === "gone"\n      ?',
    replace: 'channel !== "alive"\n      ?',
    caughtBy: session,
  },
  {
    name: "retry-after-shortens",
    room: "session",
    file: `${client}/session/machine.ts`,
    find: "Math.max(retryAfterMs ?? 0, random() * ceilingMs)",
    replace: "Math.min(retryAfterMs ?? Number.POSITIVE_INFINITY, random() * ceilingMs)",
    caughtBy: session,
  },
  {
    name: "retire-before-proven",
    room: "rotation",
    file: `${client}/rotation/machine.ts`,
    find: 'case "new-opened": {\n      const { why, on } = state;\n      return stay({',
    replace:
      'case "new-opened": {\n      const { why, on } = state;\n      return retire({ why, on, openedAtMs: env.nowMs });\n      return stay({',
    caughtBy: rotation,
  },
  {
    name: "retire-without-overlap",
    room: "rotation",
    file: `${client}/rotation/machine.ts`,
    find: 'const overlapMs = on === "same" ? sameChannelMs : policy.overlapMs;',
    replace: 'const overlapMs = on === "same" ? sameChannelMs : 0;',
    caughtBy: rotation,
  },
  {
    name: "turn-never-ends",
    room: "rotation",
    file: `${client}/rotation/machine.ts`,
    find: '...(on === "another" ? [{ type: "end-turn" } as const] : []),',
    replace: "",
    caughtBy: rotation,
  },
  {
    name: "announced-deadline-ignored",
    room: "rotation",
    file: `${client}/rotation/machine.ts`,
    find: "return closesAtMs - leadMs;",
    replace: "return closesAtMs + 3_600_000;",
    caughtBy: rotation,
  },
  {
    name: "seam-counts-instead-of-pairing",
    room: "seam",
    file: `${client}/line/seam.ts`,
    find: "if (brought.by.includes(session)) continue;",
    replace: "",
    caughtBy: seam,
  },
  {
    name: "seam-window-without-end",
    room: "seam",
    file: `${client}/line/seam.ts`,
    find: "if (nowMs - brought.atMs > this.#windowMs) {",
    replace: "if (nowMs - brought.atMs > 100 * this.#windowMs) {",
    caughtBy: seam,
  },
  {
    name: "seam-window-longer-than-overlap",
    room: "seam",
    file: `${client}/line/line.ts`,
    find: "new Seam(ports.policy.overlapMs / 2)",
    replace: "new Seam(ports.policy.overlapMs * 2)",
    caughtBy: consumer,
  },
  {
    name: "seam-ignores-proof",
    room: "seam",
    file: `${client}/line/seam.ts`,
    find: "if (brought.atMs <= state.provenMs) continue;",
    replace: "",
    caughtBy: seam,
  },
  {
    name: "seam-forgets-the-held",
    room: "seam",
    file: `${client}/line/seam.ts`,
    find: "this.#held.push(",
    replace: "void (",
    caughtBy: seam,
  },
  {
    name: "seam-drops-the-doubtful",
    room: "seam",
    file: `${client}/line/line.ts`,
    find: 'if (arrival === "again") return;',
    replace: 'if (arrival !== "first") return;',
    caughtBy: consumer,
  },
  {
    name: "gap-from-the-loss",
    room: "gap",
    file: `${client}/session/machine.ts`,
    find: "const down: Down = { sinceMs: state.provenAtMs, cause: died(setback) };",
    replace: "const down: Down = { sinceMs: env.nowMs, cause: died(setback) };",
    caughtBy: worlds,
  },
  {
    name: "gap-from-last-frame",
    room: "gap",
    file: `${client}/session/machine.ts`,
    find: "const down: Down = { sinceMs: state.provenAtMs, cause: died(setback) };",
    replace:
      "const down: Down = { sinceMs: Math.max(env.heardAtMs, state.provenAtMs), cause: died(setback) };",
    caughtBy: worlds,
  },
  {
    name: "gap-never-told",
    room: "gap",
    file: `${client}/session/machine.ts`,
    find: '{ type: "gap-opened", epoch, down },\n',
    replace: "",
    caughtBy: worlds,
  },
  {
    name: "overflow-untold",
    room: "gap",
    file: `${client}/line/line.ts`,
    find: "if (this.#ports.offer(event) || this.#overflowSinceMs !== undefined) return;",
    replace: "if (this.#ports.offer(event) || event.raw !== undefined) return;",
    caughtBy: { tests: [`${client}/client-losses.test.ts`] },
  },
  {
    name: "proof-claims-too-much",
    room: "gap",
    file: `${client}/line/slot.ts`,
    find: "if (!isOverflowing() && hasRoom()) this.#share.prove(provenAtMs);",
    replace: "if (!isOverflowing() && hasRoom()) this.#share.prove(this.#ports.elapsed.nowMs());",
    caughtBy: worlds,
  },
  {
    name: "gap-ends-at-dial",
    room: "gap",
    file: `${client}/session/machine.ts`,
    find: '[{ type: "gap-closed", epoch, down, untilMs: env.nowMs }];',
    replace:
      '[{ type: "gap-closed", epoch, down, untilMs: state.giveUpAtMs - env.policy.openTimeoutMs }];',
    caughtBy: session,
  },
  {
    name: "gap-cause-lost",
    room: "gap",
    file: `${client}/trunk/gaps.ts`,
    find: "isOutward(gap.cause)) gap.cause = cause;",
    replace: "isOutward(gap.cause)) return;",
    caughtBy: gaps,
  },
  {
    name: "gap-certainty-lost",
    room: "gap",
    file: `${client}/trunk/gaps.ts`,
    find: 'return "certain";',
    replace: 'return "possible";',
    caughtBy: gaps,
  },
  {
    name: "gap-told-too-late",
    room: "gap",
    file: `${client}/trunk/gaps.ts`,
    find: "const { serverOffsetMs, emit } = this.#ports;",
    replace:
      "const { serverOffsetMs } = this.#ports;\n    const emit = (event: GapEvent): void => queueMicrotask(() => this.#ports.emit(event));",
    caughtBy: gaps,
  },
  {
    name: "vanished-topics-put-back-in-silence",
    room: "gap",
    file: `${client}/line/share.ts`,
    find: "if (missing.length > 0) this.#lost(missing, sinceMs);",
    replace: "",
    caughtBy: worlds,
  },
  {
    name: "joining-session-vouches",
    room: "carriage",
    file: `${client}/line/carriage.ts`,
    find: 'phase: isAlone ? "joined" : "joining",',
    replace: 'phase: "joined",',
    caughtBy: carriage,
  },
  {
    name: "pending-forgotten",
    room: "carriage",
    file: `${client}/line/carriage.ts`,
    find: "if (!this.#isBacked(state)) this.#pending.set(session, { confirmedMs, endedMs: nowMs });",
    replace: "",
    caughtBy: carriage,
  },
  {
    name: "best-proof-without-joining",
    room: "carriage",
    file: `${client}/line/carriage.ts`,
    find: 'const joined = [...this.#sessions.values()].filter(({ phase }) => phase === "joined");',
    replace: "const joined = [...this.#sessions.values()];",
    caughtBy: carriage,
  },
];
