/** Timings of the line: what the client calls its policy, with durations as people write them. */
import type { Policy } from "@trunkline/client";
import { count, duration, record } from "./kinds.ts";
import { nearMiss } from "./near-miss.ts";
import { refused, type Kind } from "./option.ts";

/**
 * Where a relay is less patient than the client: what it stored before a kill is proven up to the last
 * confirmation of the topics, and costs one request a line each time.
 */
export const relayPolicy: Partial<Policy> = { confirmEveryMs: 60_000 };

/** The other defaults are the client's; they stand here for the documentation, and a test compares them. */
const durations = {
  workTimeout: [
    "workTimeoutMs",
    "5m",
    "making a channel and putting topics on it may take so long",
  ],
  openTimeout: ["openTimeoutMs", "15s", "from dialling to the answer of the upgrade"],
  pingEvery: ["pingEveryMs", "10s", "from one ping to the next"],
  pongTimeout: ["pongTimeoutMs", "5s", "from a ping to its pong"],
  silence: ["silenceMs", "35s", "without any frame for so long, a socket is dead"],
  pauseMax: ["pauseMaxMs", "20s", "how long sockets stay unread while the journal is slow"],
  backoffFirst: ["backoffFirstMs", "500ms", "longest second wait; the first retry is at once"],
  backoffMax: ["backoffMaxMs", "1m", "longest of all waits"],
  stableAfter: ["stableAfterMs", "1m", "a session that held so long resets the backoff"],
  gather: ["gatherMs", "2s", "changes of topics are gathered for so long"],
  confirmEvery: ["confirmEveryMs", "1m", "how often the topics of a channel are read back"],
  overlap: ["overlapMs", "10s", "how long the old and the new session are both open"],
  closingGrace: ["closingGraceMs", "1m", "from the announcement of a close to the close"],
  renewEvery: ["renewEveryMs", "8h", "how often topics are put again, which renews the channel"],
} as const satisfies Readonly<Record<string, readonly [keyof Policy, string, string]>>;

const counts = {
  unansweredMax: ["unansweredMax", "3", "pings that may be unanswered before only silence decides"],
  muteSessionsMax: [
    "muteSessionsMax",
    "3",
    "sessions without a pong until pings count for nothing",
  ],
  closesBeforeNewChannel: [
    "closesBeforeNewChannel",
    "3",
    "early closes until a channel is given up",
  ],
  topicsPerLineMax: ["topicsPerLineMax", "1000", "topics of one line"],
} as const satisfies Readonly<Record<string, readonly [keyof Policy, string, string]>>;

export const policyOptions: Readonly<Record<string, readonly [keyof Policy, string, string]>> = {
  ...durations,
  ...counts,
};

const anyDuration = duration({ min: "1ms", max: "1d" });
const anyCount = count({ min: 1, max: 1_000 });

function kindOf(key: string): Kind<number> {
  return Object.hasOwn(durations, key) ? anyDuration : anyCount;
}

const byKey = record<number>({
  form: "a map of timings",
  sample: { pingEvery: "10s" },
  max: 100,
  jsonSchema: {},
  kindOf: (key, report) => {
    if (Object.hasOwn(policyOptions, key)) return kindOf(key);
    const near = nearMiss(key, Object.keys(policyOptions));
    const known = `There are ${Object.keys(policyOptions).join(", ")}.`;
    report({
      message: "is no timing",
      help: near === undefined ? known : `Did you mean ${near}?`,
      isHidden: true,
      isKey: true,
    });
    return undefined;
  },
});

export const policy: Kind<Partial<Policy>> = {
  ...byKey,
  jsonSchema: {
    type: "object",
    additionalProperties: false,
    properties: Object.fromEntries(
      Object.entries(policyOptions).map(([key, [, preset, description]]) => [
        key,
        { ...kindOf(key).jsonSchema, description: `${description}; default ${preset}` },
      ]),
    ),
  },
  read: (value, report) => {
    const read = byKey.read(value, report);
    if (read === refused) return refused;
    return Object.fromEntries(
      Object.entries(read).map(([key, number]) => [policyOptions[key]?.[0] ?? key, number]),
    );
  },
};
