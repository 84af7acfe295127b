/** `/admin/sinks`: how they are, and what can be done to them. */
import { z } from "zod";
import { nearMiss } from "../config/near-miss.ts";
import { consumerOf } from "../delivery/consumer.ts";
import { entryLine } from "../entry-line.ts";
import { formatCursor } from "../journal/cursor.ts";
import type { Journal } from "../journal/journal.ts";
import type { RelayError } from "../errors.ts";
import type { Service, SinkControl, SinkStatus } from "../service.ts";
import { limit, parsePlace } from "./admin.ts";
import type {
  CheckReply,
  Problem,
  RemoveReply,
  ReplayReply,
  SinkReply,
  SinksReply,
} from "./api.ts";
import { idsMax, removedPageMax, replayTimeoutMs } from "./limits.ts";
import { refuse, type Refusal } from "./refusal.ts";
import { instant, json, jsonText, route, type Answer, type Route } from "./route.ts";

const ids = z
  .array(z.number().int().nonnegative())
  .min(1, "expected one id at least")
  .max(idsMax, `expected ${idsMax} ids at most`);
const nothing = z.strictObject({});

export function sinkRoutes(service: Service): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/admin/sinks",
      query: nothing,
      body: z.undefined(),
      answer: () => {
        const { id } = service.journal;
        return json({
          sinks: service.sinks().map((sink) => sinkReply(sink, id)),
        } satisfies SinksReply);
      },
    }),
    route({
      method: "POST",
      path: "/admin/sinks/:name/check",
      query: nothing,
      body: nothing.optional(),
      answer: ({ names, signal }) =>
        withSink(service, names, async (sink) => {
          const outcome = await sink.check(signal);
          const reply: CheckReply = outcome.ok
            ? { ok: true, detail: outcome.detail }
            : { ok: false, error: problemOf(outcome.error) };
          return json(reply);
        }),
    }),
    route({
      method: "POST",
      path: "/admin/sinks/:name/resume",
      query: nothing,
      body: nothing.optional(),
      answer: ({ names }) =>
        withSink(service, names, (sink, name) => {
          sink.resume();
          return oneSink(service, name);
        }),
    }),
    route({
      method: "POST",
      path: "/admin/sinks/:name/rewind",
      query: nothing,
      body: z.strictObject({ cursor: z.string("expected a cursor, or 0 for the beginning") }),
      answer: ({ names, body }) =>
        withSink(service, names, async (sink, name) => {
          await sink.rewind(parsePlace(body.cursor, service.journal));
          return oneSink(service, name);
        }),
    }),
    ...deadLetterRoutes(service),
  ];
}

const lettersUsual = 20;
const lettersMax = 200;

function deadLetterRoutes(service: Service): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/admin/sinks/:name/dead-letters",
      query: z.strictObject({
        after: z
          .string()
          .regex(/^\d{1,15}$/u, "expected the id of a dead letter, or 0")
          .transform(Number)
          .default(0),
        limit: limit(lettersUsual, lettersMax),
      }),
      body: z.undefined(),
      answer: ({ names, query }) =>
        withSink(service, names, async (_, name) => {
          const letters = await service.journal.deadLetters(consumerOf(name), query);
          // The entry is written by hand, so that its data stays as Genesys wrote it.
          const texts = letters.map(({ id, atMs, reason, entry }) => {
            const head = JSON.stringify({ id, at: instant(atMs), reason }).slice(0, -1);
            return `${head},"entry":${entryLine(entry).trimEnd()}}`;
          });
          return jsonText(`{"deadLetters":[${texts.join(",")}]}`);
        }),
    }),
    route({
      method: "POST",
      path: "/admin/sinks/:name/dead-letters/replay",
      timeoutMs: replayTimeoutMs,
      query: nothing,
      body: z.strictObject({ ids: ids.optional() }).optional(),
      answer: ({ names, body }) =>
        withSink(service, names, async (sink) =>
          json((await sink.replay(body?.ids)) satisfies ReplayReply),
        ),
    }),
    route({
      method: "DELETE",
      path: "/admin/sinks/:name/dead-letters",
      query: nothing,
      body: z.union(
        [z.strictObject({ ids }), z.strictObject({ all: z.literal(true) })],
        'expected {"ids": [...]}, or {"all": true}',
      ),
      answer: ({ names, body }) =>
        withSink(service, names, async (_, name) => {
          const removed =
            "all" in body
              ? await removeAll(service.journal, consumerOf(name))
              : await service.journal.removeDeadLetters(consumerOf(name), body.ids);
          return json({ removed } satisfies RemoveReply);
        }),
    }),
  ];
}

/** Removes those that are there now; what comes meanwhile stays. */
async function removeAll(journal: Journal, consumer: string): Promise<number> {
  const states = await journal.consumers();
  let left = states.find((state) => state.name === consumer)?.deadLetters ?? 0;
  let removed = 0;
  while (left > 0) {
    const letters = await journal.deadLetters(consumer, { limit: Math.min(left, removedPageMax) });
    if (letters.length === 0) break;
    removed += await journal.removeDeadLetters(
      consumer,
      letters.map(({ id }) => id),
    );
    left -= letters.length;
  }
  return removed;
}

async function withSink(
  service: Service,
  names: Readonly<Record<string, string>>,
  answer: (sink: SinkControl, name: string) => Answer | Refusal | Promise<Answer | Refusal>,
): Promise<Answer | Refusal> {
  const name = names["name"] ?? "";
  const sink = service.sink(name);
  return sink === undefined ? unknownSink(service, name) : answer(sink, name);
}

function unknownSink(service: Service, name: string): Refusal {
  const near = nearMiss(
    name,
    service.sinks().map((sink) => sink.name),
  );
  const hint = near === undefined ? "" : ` Did you mean ${near}?`;
  return refuse("SINK_UNKNOWN", `There is no sink "${name}".${hint}`);
}

function oneSink(service: Service, name: string): Answer | Refusal {
  const status = service.sinks().find((sink) => sink.name === name);
  // A reload may have taken it away meanwhile.
  if (status === undefined) return unknownSink(service, name);
  return json(sinkReply(status, service.journal.id));
}

function sinkReply(sink: SinkStatus, journalId: string): SinkReply {
  const { name, type, isEnabled, state, position, behind, written, deadLetters } = sink;
  return {
    name,
    type,
    enabled: isEnabled,
    state,
    cursor: formatCursor(journalId, position),
    behind,
    written,
    deadLetters,
    ...(sink.error === undefined ? {} : { error: problemOf(sink.error) }),
    ...(sink.retryAtMs === undefined ? {} : { retryAt: instant(sink.retryAtMs) }),
  };
}

function problemOf({ code, message, help }: RelayError): Problem {
  return { code, message, help };
}
