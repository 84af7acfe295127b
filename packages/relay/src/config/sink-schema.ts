/** Options of sinks: those that all have, and those of each type. */
import { z } from "zod";
import { path, topicPatterns } from "./domain-kinds.ts";
import { choice, count, duration, flag, name, size } from "./kinds.ts";
import { type CrossCheck, keyed, optional, preset, required, section } from "./option.ts";
import type { Surroundings } from "./secrets.ts";
import {
  checkWebhook,
  webhookAllow,
  webhookBody,
  webhookHeaders,
  webhookSecret,
  webhookStatuses,
  webhookUrl,
} from "./webhook-kinds.ts";

/** A webhook writes one request after another, so its batches are small, and several are under way. */
interface Presets {
  readonly batchEntries: number;
  readonly inFlight: number;
  readonly writeTimeout: string;
}

// oxlint-disable-next-line typescript/explicit-module-boundary-types -- the schema is the type
export function sinkSchema(surroundings: Surroundings) {
  const local: Presets = { batchEntries: 1_000, inFlight: 1, writeTimeout: "30s" };
  const remote: Presets = { batchEntries: 100, inFlight: 4, writeTimeout: "2m" };
  return z.discriminatedUnion("type", [
    keyed({ ...nameOption("out"), type: z.literal("stdout"), ...commonOptions(local) }, checkRetry),
    keyed(
      {
        ...nameOption("archive"),
        type: z.literal("file"),
        path: required(path("the path of a file", "./events.ndjson", surroundings), {
          description: "File that lines are appended to; rotated ones are called <path>.1 and on.",
          example: "./events.ndjson",
        }),
        rotate: section("When the file is set aside, and how many of those are kept.", {
          maxBytes: preset(size({ min: "64kB", max: "1TB" }), "100MB", {
            description: "Size at which the file is rotated.",
          }),
          maxFiles: preset(count({ min: 1, max: 10_000 }), 10, {
            description: "Rotated files that are kept; the oldest is deleted.",
          }),
        }),
        ...commonOptions(local),
      },
      checkRetry,
    ),
    keyed(
      {
        ...nameOption("hook"),
        type: z.literal("webhook"),
        url: required(webhookUrl, {
          description: "Where requests go. A template: see SINKS.md.",
          example: "https://hooks.example.com/genesys",
        }),
        method: preset(choice(["POST", "PUT", "PATCH"]), "POST", {
          description: "Method of the requests.",
        }),
        headers: preset(
          webhookHeaders(surroundings),
          {},
          {
            description: "More headers: templates, or secrets.",
            example: { authorization: { env: "HOOK_TOKEN", prefix: "Bearer " } },
          },
        ),
        body: optional(webhookBody, {
          description: "Body of a request, a template. Left out: CloudEvents 1.0.",
          example: '{"conversation":"{{ data.id }}"}',
        }),
        mode: preset(choice(["event", "batch"]), "event", {
          description: "One request an event, or one a batch (CloudEvents batch; no templates).",
        }),
        secret: optional(webhookSecret(surroundings), {
          description:
            "Signs requests by Standard Webhooks: whsec_ and 24 to 64 bytes in base64; several, with spaces between, while one replaces another.",
          example: { env: "HOOK_SECRET" },
        }),
        timeout: preset(duration({ min: "100ms", max: "10m" }), "10s", {
          description: "For one request, from connecting to the end of the answer.",
        }),
        allow: preset(webhookAllow, [], {
          description:
            "Address ranges (CIDR) and host names that may be called though they are private.",
          example: ["10.1.0.0/16"],
        }),
        refuseStatuses: preset(webhookStatuses, [], {
          description:
            'More HTTP statuses that mean "never": the event goes to the dead letters at once.',
          example: [422],
        }),
        ...commonOptions(remote),
      },
      (sink, complain) => {
        checkRetry(sink, complain);
        checkWebhook(sink, complain);
      },
    ),
  ]);
}

// oxlint-disable-next-line typescript/explicit-function-return-type -- the schema is the type
function nameOption(example: string) {
  return {
    name: required(name, {
      description: "Its cursor is kept under this name: a sink of another name begins anew.",
      example,
    }),
  };
}

// oxlint-disable-next-line typescript/explicit-function-return-type -- the schema is the type
function commonOptions({ batchEntries, inFlight, writeTimeout }: Presets) {
  return {
    enabled: preset(flag, true, {
      description:
        "Whether anything is delivered. While it is not, the journal keeps nothing for the sink beyond maxAge.",
    }),
    from: preset(choice(["start", "head"]), "head", {
      description: "Where a sink that was never there before begins in the journal.",
    }),
    topics: optional(topicPatterns, {
      description: "Which events it gets; * stands for one segment. Left out: all.",
      example: ["v2.users.*.presence"],
    }),
    batch: section("How many entries are given to it at a time.", {
      maxEntries: preset(count({ min: 1, max: 10_000 }), batchEntries, {
        description: "Entries in one batch, at most.",
      }),
      maxBytes: preset(size({ min: "1kB", max: "256MB" }), "1MB", {
        description: "Bytes of events in one batch, about; a larger event goes alone.",
      }),
    }),
    inFlight: preset(count({ min: 1, max: 64 }), inFlight, {
      description: "Batches under way at a time; the order of each queue and user is kept.",
    }),
    retry: section("What may heal is tried again without end, with doubling pauses.", {
      first: preset(duration({ min: "10ms", max: "1h" }), "500ms", {
        description: "First pause.",
      }),
      max: preset(duration({ min: "10ms", max: "1d" }), "1m", { description: "Longest pause." }),
    }),
    writeTimeout: preset(duration({ min: "100ms", max: "1h" }), writeTimeout, {
      description: "For so long the writing of one batch may take.",
    }),
    maxDeadLetters: preset(count({ min: 1, max: 1_000_000 }), 10_000, {
      description: "Events that it refused for good and that are kept; then it is halted.",
    }),
  };
}

const checkRetry: CrossCheck = ({ retry }, complain) => {
  const { first, max } = (retry ?? {}) as { readonly first?: unknown; readonly max?: unknown };
  if (typeof first !== "number" || typeof max !== "number" || first <= max) return;
  complain({ path: ["retry", "first"], message: "is longer than retry.max" });
};
