/**
 * The webhook sink: each entry, or each batch, is a request. It decides nothing about time: what may
 * heal it hands back to delivery, with the pause that the receiver asked for.
 */
import type { WebhookOptions } from "../../config/config.ts";
import { RelayError } from "../../errors.ts";
import type { Entry } from "../../journal/entry.ts";
import type { Clock } from "../../ports.ts";
import type { CheckOutcome, Refusal, Sink, WriteOutcome } from "../sink.ts";
import type { Guard } from "./guard.ts";
import type { WebhookAnswer, WebhookHttp, WebhookRequest } from "./http.ts";
import { failureError, judge, type Verdict } from "./outcome.ts";
import { planWebhook, type Plan } from "./plan.ts";

export interface WebhookPorts {
  readonly clock: Clock;
  /** Makes the door to the receiver; every address that it connects to has passed the guard. */
  readonly http: (guard: Guard) => WebhookHttp;
}

/** @throws RelayError TEMPLATE_INVALID, WEBHOOK_INVALID */
export function createWebhookSink(options: WebhookOptions, ports: WebhookPorts): Sink {
  const plan = planWebhook(options);
  const sender: Sender = {
    plan,
    timeoutMs: options.timeoutMs,
    clock: ports.clock,
    http: ports.http(plan.guard),
  };
  return {
    // A receiver that is down is told apart from one that is up by the first request, not before.
    open: () => Promise.resolve(),
    write: (batch, signal) => {
      const entries = batch
        .map((entry, index) => ({ entry, index }))
        .filter(({ entry }) => plan.serves[entry.kind]);
      return options.mode === "batch"
        ? writeTogether(sender, entries, signal)
        : writeSingly(sender, entries, signal);
    },
    close: () => {
      sender.http.close();
      return Promise.resolve();
    },
    check: (signal) => check(sender, signal),
  };
}

interface Sender {
  readonly plan: Plan;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly http: WebhookHttp;
}

/** An entry with its place in the batch, from which entries that are passed over are left out. */
interface Place {
  readonly entry: Entry;
  readonly index: number;
}

/** One request an entry, in order; the first one that must wait makes the others wait. */
async function writeSingly(
  sender: Sender,
  places: readonly Place[],
  signal: AbortSignal,
): Promise<WriteOutcome> {
  const refused: Refusal[] = [];
  for (const { entry, index } of places) {
    const verdict = await deliver(sender, [entry], signal);
    if (verdict.kind === "refused") refused.push({ index, reason: verdict.reason });
    else if (verdict.kind !== "taken") return { ...verdict, written: index, refused };
  }
  return { kind: "written", refused };
}

async function writeTogether(
  sender: Sender,
  places: readonly Place[],
  signal: AbortSignal,
): Promise<WriteOutcome> {
  if (places.length === 0) return { kind: "written", refused: [] };
  const verdict = await deliver(
    sender,
    places.map(({ entry }) => entry),
    signal,
  );
  if (verdict.kind === "taken") return { kind: "written", refused: [] };
  if (verdict.kind !== "refused") return { ...verdict, written: 0 };
  // One bad entry must not take its neighbours to the dead letters: each is asked for by itself.
  return places.length > 1
    ? writeSingly(sender, places, signal)
    : { kind: "written", refused: places.map(({ index }) => ({ index, reason: verdict.reason })) };
}

async function deliver(
  sender: Sender,
  entries: readonly Entry[],
  signal: AbortSignal,
): Promise<Verdict> {
  const { plan, clock } = sender;
  const planned = plan.request(entries, clock.wallMs());
  if (planned.kind === "refused") return planned;
  const answer = await send(sender, planned.request, signal);
  if (answer instanceof RelayError) return { kind: "retry", error: answer };
  return judge(answer, {
    ...plan,
    origin: plan.target.origin,
    url: planned.request.url,
    isUrlTemplated: plan.target.isTemplated,
    nowMs: clock.wallMs(),
  });
}

/** Sends with a limit of time. An error is one of ours: too late, or called off. */
async function send(
  { plan, timeoutMs, clock, http }: Sender,
  request: WebhookRequest,
  signal: AbortSignal,
): Promise<WebhookAnswer | RelayError> {
  const { origin } = plan.target;
  if (signal.aborted) return calledOff(origin);
  const timer = new AbortController();
  const either = AbortSignal.any([signal, timer.signal]);
  let isLate = false;
  void clock.sleep(timeoutMs, either).then(() => {
    isLate = !either.aborted;
    timer.abort();
  });
  const answer = await http.send(request, either);
  timer.abort();
  if (answer.kind === "answered" || answer.why !== "aborted") return answer;
  return isLate
    ? new RelayError("WEBHOOK_TIMEOUT", `${origin} did not answer within ${timeoutMs} ms.`)
    : calledOff(origin);
}

function calledOff(origin: string): RelayError {
  return new RelayError("WEBHOOK_TIMEOUT", `${origin}: the write was called off before an answer.`);
}

/** OPTIONS shows the way there and delivers nothing; what is answered to it says nothing about POST. */
async function check(sender: Sender, signal: AbortSignal): Promise<CheckOutcome> {
  const { plan } = sender;
  const { origin, isTemplated, template } = plan.target;
  const url = isTemplated ? `${origin}/` : template.text;
  const headers = { "user-agent": "trunkline" };
  const request = { method: "OPTIONS", url, headers, body: undefined };
  const answer = await send(sender, request, signal);
  if (answer instanceof RelayError) return { ok: false, error: answer };
  if (answer.kind === "failed") return { ok: false, error: failureError(answer, origin) };
  const passedOver = plan.serves.gap
    ? plan.serves.event
      ? ""
      : " Events are passed over, since a template names what only gaps have."
    : " Gaps are passed over, since a template names what only events have.";
  return {
    ok: true,
    detail: `${origin} answers (OPTIONS: ${answer.status}). No entry was sent, so credentials and path are not shown to be right.${passedOver}`,
  };
}
