/** What the control API answers, as schemas: its document is made of them, and a test holds the answers to them. */
import * as z from "zod";

const id = z.int();
const ms = z.number().describe("Epoch milliseconds of the cloud's clock.");

export const channel = z.strictObject({
  channelId: z.string(),
  clientId: z.string(),
  tokenId: id,
  createdAtMs: ms,
  lastUsedAtMs: ms,
  expiresAtMs: ms,
  topics: z.int(),
  socketIds: z.array(id),
});

export const socket = z.strictObject({
  socketId: id,
  channelId: z.string(),
  openedAtMs: ms,
  closesAtMs: ms.optional(),
  framesSent: z.int(),
  heldFrames: z.int().describe("Frames that faults hold back."),
  silenced: z.boolean(),
  channelAlive: z.boolean(),
});

export const fault = z
  .looseObject({ fault: z.string(), id, struck: z.int().describe("How often it has struck.") })
  .describe("A standing fault with its fields.");

export const receipt = z.strictObject({
  id: id.describe("Of a standing fault.").optional(),
  affected: z.int().describe("Sockets, channels or tokens that it touched."),
});

export const entry = z.strictObject({
  sequence: z.int(),
  atMs: ms,
  topic: z.string(),
  correlationId: z.string(),
  body: z.string().describe("The event body as JSON, as long as it is kept.").optional(),
  deliveries: z.array(
    z.looseObject({
      channelId: z.string(),
      socketId: id.optional(),
      outcome: z.string(),
      correlationId: z.string().optional(),
    }),
  ),
});

export const page = z.strictObject({
  entries: z.array(entry),
  oldest: z.int().optional(),
  newest: z.int(),
  forgotten: z.int().describe("Events after `since` that are no longer kept."),
  resets: z.int().describe("Resets so far: after each, events are counted from 1 again."),
  more: z.boolean().describe("Ask again since the last entry."),
});

export const happening = z.strictObject({
  sequence: z.int(),
  atMs: ms,
  what: z.string(),
  clientId: z.string().optional(),
  channelId: z.string().optional(),
  socketId: id.optional(),
  detail: z.string().optional(),
});

export const scenarioStatus = z.strictObject({
  state: z.enum(["none", "waiting", "running", "done"]),
  name: z.string().optional(),
  startedAtMs: ms.optional(),
  nextAtMs: ms.optional(),
  done: z.int(),
  missed: z.int().describe("Things that found no socket or channel to be done to."),
});

export const state = z.looseObject({
  nowMs: ms,
  speed: z.number(),
  clients: z.array(z.looseObject({ clientId: z.string(), state: z.string() })),
  channels: z.array(channel),
  sockets: z.array(socket),
  eventsEmitted: z.int(),
  oldestEvent: z.int().optional(),
  faults: z.array(fault),
  scenario: scenarioStatus,
  queues: z.array(z.looseObject({ id: z.string(), name: z.string() })),
  agents: z.array(z.looseObject({ id: z.string(), name: z.string() })),
});

export const error = z.strictObject({
  error: z.strictObject({
    code: z.string(),
    message: z.string(),
    path: z.string().describe("JSON pointer of the field, or ? and the parameter.").optional(),
  }),
});
