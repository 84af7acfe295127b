/** Bodies of queries, read by schemas: what is wrong is a 400 that names the field (GENESYS.md 3.6). */
import * as z from "zod";
import { refusals } from "../errors.ts";
import { refused, type Reply } from "../reply.ts";

const dayMs = 24 * 3_600_000;

export interface Interval {
  readonly fromMs: number;
  readonly untilMs: number;
}

export type BodyResult<Value> =
  | { readonly kind: "read"; readonly value: Value }
  | { readonly kind: "refused"; readonly reply: Reply };

export function readBody<Value>(schema: z.ZodType<Value>, json: unknown): BodyResult<Value> {
  if (json === undefined)
    return { kind: "refused", reply: refused(refusals.badRequest("A body is required.")) };
  const read = schema.safeParse(json);
  if (read.success) return { kind: "read", value: read.data };
  const [issue] = read.error.issues;
  const place = issue?.path.map(String).join(".") ?? "";
  const message = `${place === "" ? "The body" : place}: ${issue?.message ?? "not valid"}.`;
  return { kind: "refused", reply: refused({ status: 400, code: codeOf(issue), message }) };
}

function codeOf(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === "custom" && issue.params?.["date"] === true) return "invalid.date";
  if (issue?.code === "invalid_type" || issue?.code === "unrecognized_keys") return "bad.request";
  return "invalid.value";
}

/** With or without seconds' fraction and zone; without a zone it is UTC. */
const isoInstant = /^(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:?\d\d)?$/u;

function instantMs(text: string): number | undefined {
  const [, local, zone = "Z"] = isoInstant.exec(text) ?? [];
  if (local === undefined) return undefined;
  const ms = Date.parse(`${local}${zone}`);
  return Number.isNaN(ms) ? undefined : ms;
}

/** `start/end`, in this order, and not longer than so many days. */
export function intervalOf(daysMax: number): z.ZodType<Interval> {
  return z.string({ error: "expected an interval" }).transform((text, context): Interval => {
    const wrong = (message: string): Interval => {
      context.addIssue({ code: "custom", message, params: { date: true } });
      return z.NEVER;
    };
    const parts = text.split("/");
    const [fromMs, untilMs] = parts.map(instantMs);
    if (parts.length !== 2 || fromMs === undefined || untilMs === undefined)
      return wrong("expected two ISO-8601 instants with a slash between them");
    if (untilMs <= fromMs) return wrong("the end must be after the start");
    if (untilMs - fromMs > daysMax * dayMs) return wrong(`longer than ${daysMax} days`);
    return { fromMs, untilMs };
  });
}

export interface Paging {
  readonly pageSize: number;
  readonly pageNumber: number;
}

const whole = (max: number): z.ZodNumber => {
  const error = `expected a whole number from 1 to ${max}`;
  return z.number({ error }).int({ error }).min(1, { error }).max(max, { error });
};

/** `paging` of an analytics query; 25 to a page unless asked. */
export function pagingOf(sizeMax: number): z.ZodType<Paging> {
  return z
    .strictObject({
      pageSize: whole(sizeMax).default(Math.min(25, sizeMax)),
      pageNumber: whole(1_000_000).default(1),
    })
    .prefault({});
}

export const orderOf = z.enum(["asc", "desc"], { error: "expected asc or desc" }).default("asc");

/** A field that the service knows and the mock does not play: absent or empty. */
export const notPlayed = z
  .array(z.unknown())
  .max(0, { error: "the mock does not play this field" })
  .optional();
