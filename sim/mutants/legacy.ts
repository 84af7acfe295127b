/** Bugs in the mock's legacy face: a failure that is not played, or is played to the wrong client. */
import type { Mutant } from "./mutant.ts";

const legacy = "packages/mock/src/legacy";
const caughtBy = { tests: [`${legacy}/legacy.test.ts`] } as const;

export const legacyMutants: readonly Mutant[] = [
  {
    name: "legacy-unasked",
    room: "legacy",
    file: "packages/mock/src/cloud/settings.ts",
    find: 'legacy: "off",',
    replace: 'legacy: "by-path",',
    caughtBy,
  },
  {
    name: "legacy-says-why",
    room: "legacy",
    file: `${legacy}/machine.ts`,
    find: 'effects: [...before, { kind: "end", end, why }]',
    replace: 'effects: [...before, { kind: "send", json: { why } }, { kind: "end", end, why }]',
    caughtBy,
  },
  {
    name: "legacy-outlives-its-token",
    room: "legacy",
    file: `${legacy}/legacy.ts`,
    find: "if (socket.token === token) feed",
    replace: "if (socket.token === undefined) feed",
    caughtBy,
  },
  {
    name: "legacy-query-taken",
    room: "legacy",
    file: `${legacy}/legacy.ts`,
    find: 'face.token !== "query")',
    replace: 'face.token === "unasked")',
    caughtBy,
  },
  {
    name: "legacy-nbf-forgiven",
    room: "legacy",
    file: `${legacy}/machine.ts`,
    find: 'if (input.shown?.kind === "early") return',
    replace: 'if (input.shown?.kind === "stale") return',
    caughtBy,
  },
  {
    name: "legacy-scope-forgiven",
    room: "legacy",
    file: `${legacy}/machine.ts`,
    find: "const fault = said.fault ?? lacks;",
    replace: "const fault = said.fault;",
    caughtBy,
  },
  {
    name: "legacy-ended-twice",
    room: "legacy",
    file: `${legacy}/legacy.ts`,
    find: "if (!sockets.has(socket.id)) return;",
    replace: "",
    caughtBy,
  },
];
