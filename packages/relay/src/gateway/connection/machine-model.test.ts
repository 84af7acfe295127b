/** The machine of a socket against what must hold whatever comes. */
import { eventApiErrors } from "@trunkline/events";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Grant } from "../grant.ts";
import {
  auth,
  grantOf,
  keepalive,
  MachineSocket as Socket,
  ping,
  startWallMs,
  subscribe,
  unsubscribe,
  wrong,
} from "../../testing/machine-socket.ts";
import type { Effect } from "./state.ts";

const someGrant = fc
  .record({
    clientId: fc.constantFrom("wallboard", "wallboard", "another"),
    lifeMs: fc.integer({ min: -1_000, max: 200_000 }),
    mayConnect: fc.constantFrom(true, true, true, false),
  })
  .map(
    ({ clientId, lifeMs, mayConnect }) =>
      (nowMs: number): Grant =>
        grantOf({ clientId, mayConnect, expiresAtMs: startWallMs + nowMs + lifeMs }),
  );

type Move = (socket: Socket) => void;
const someMove: fc.Arbitrary<Move> = fc.oneof(
  fc.integer({ min: 0, max: 30_000 }).map(
    (ms): Move =>
      (socket) =>
        socket.run(ms),
  ),
  fc.constantFrom(keepalive, ping, wrong, auth, unsubscribe, subscribe("a"), subscribe("b")).map(
    (received): Move =>
      (socket) =>
        socket.hear(received),
  ),
  fc.constant<Move>((socket) => void socket.input({ type: "heard" })),
  fc.tuple(someGrant, fc.constantFrom(0, 0, 1)).map(
    ([make, behind]): Move =>
      (socket) =>
        void socket.input({
          type: "granted",
          epoch: socket.epoch - behind,
          grant: make(socket.nowMs),
        }),
  ),
  fc.constant<Move>(
    (socket) =>
      void socket.input({
        type: "refused",
        epoch: socket.epoch - 1,
        refusal: { code: "TOKEN_INVALID", message: "It is." },
      }),
  ),
  fc.constant<Move>((socket) => void socket.input({ type: "woke" })),
);

/** What no socket may do, whatever came; undefined where all is well. */
function wrongAfter(socket: Socket, wasClosed: boolean, effects: readonly Effect[]): unknown {
  const { state, dueMs, nowMs } = socket;
  if (wasClosed && effects.length > 0) return ["after its end", effects];
  if (state.kind === "closed") return dueMs === undefined ? undefined : ["due when closed", dueMs];
  if (dueMs === undefined || dueMs > nowMs + 15_000) return ["nothing is due", dueMs];
  const isServed = effects.some(({ type }) => type === "subscribe" || type === "unsubscribe");
  return state.kind === "stranger" && isServed ? ["served without a token", effects] : undefined;
}

test("whatever comes: every state but closed has a deadline, each close comes after an error with its code, and after it nothing", () => {
  const firsts = fc.option(someGrant, { nil: undefined });
  fc.assert(
    fc.property(firsts, fc.array(someMove, { maxLength: 60 }), (first, moves) => {
      const socket = new Socket(first?.(1_000));
      for (const move of moves) {
        const wasClosed = socket.state.kind === "closed";
        const before = socket.effects.length;
        move(socket);
        const effects = socket.effects.slice(before).map(({ effect }) => effect);
        expect(wrongAfter(socket, wasClosed, effects)).toBeUndefined();
      }
      const all = socket.effects.map(({ effect }) => effect);
      const closes = all.flatMap((effect, index) => {
        if (effect.type !== "close") return [];
        const before = all[index - 1];
        const told = before?.type === "refuse" ? before.refusal.code : undefined;
        const { close } = eventApiErrors[effect.reason];
        return [[told === effect.reason, effect.code === close, index === all.length - 1]];
      });
      expect(closes).toEqual(socket.state.kind === "closed" ? [[true, true, true]] : []);
    }),
  );
});
