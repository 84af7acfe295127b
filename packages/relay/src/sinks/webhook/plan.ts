/** What a webhook's options mean, worked out once: which entries make which requests. */
import { Secret } from "@trunkline/client";
import type { WebhookOptions } from "../../config/config.ts";
import { RelayError } from "../../errors.ts";
import type { Entry } from "../../journal/entry.ts";
import { batchContentType, cloudEvent, eventContentType } from "./cloud-event.ts";
import { bodyEscape, inHeader, render, type BodyFormat, type Rendered } from "./escape.ts";
import { createGuard, type Guard } from "./guard.ts";
import type { WebhookRequest } from "./http.ts";
import { scopeOf } from "./scope.ts";
import { createSign, messageId, type Sign } from "./signature.ts";
import { parseTarget, type Target } from "./target.ts";
import { kindsServed, parseTemplate, type Scope, type Template } from "./template.ts";

export interface Plan {
  readonly target: Target;
  readonly guard: Guard;
  /** Kinds of entries that it has something to say about; others are passed over. */
  readonly serves: Readonly<Record<Entry["kind"], boolean>>;
  readonly refuseStatuses: ReadonlySet<number>;
  /** One request for these entries: one, or in mode "batch" any number. */
  request(entries: readonly Entry[], nowMs: number): Planned;
  /** Takes secrets of this webhook out of a text. */
  readonly scrub: (text: string) => string;
}

export type Planned =
  | { readonly kind: "planned"; readonly request: WebhookRequest }
  /** An entry that no request can be made from. */
  | { readonly kind: "refused"; readonly reason: string };

interface Header {
  readonly name: string;
  readonly value: (scope: Scope) => Rendered;
  readonly template: Template | undefined;
}

/** Headers that belong to the transport or to the signature. */
const reserved =
  /^(?:host|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect|content-length|webhook-(?:id|timestamp|signature))$/u;

/** Words of a secret that are shorter are not looked for in answers: they would be found everywhere. */
const scrubCharactersMin = 6;

const timeoutMinMs = 1;
const timeoutMaxMs = 600_000;

/**
 * Checks options and works them out; the configuration calls it too, so that a mistake is found at start.
 * @throws RelayError TEMPLATE_INVALID, WEBHOOK_INVALID
 */
export function planWebhook(options: WebhookOptions): Plan {
  const { mode, method, timeoutMs } = options;
  if (!(timeoutMs >= timeoutMinMs && timeoutMs <= timeoutMaxMs))
    throw invalid(`timeoutMs is ${timeoutMs}; it takes ${timeoutMinMs} to ${timeoutMaxMs}.`);
  for (const status of options.refuseStatuses)
    if (!Number.isInteger(status) || status < 300 || status > 599)
      throw invalid(`refuseStatuses has ${status}, which is no status from 300 to 599.`);
  const target = parseTarget(options.url);
  const headers = Object.entries(options.headers).map(([name, value]) =>
    inSetting(`headers.${name}`, () => parseHeader(name, value)),
  );
  const body = inSetting("body", () => parseBody(options.body, headers));
  const templates = [target.template, ...headers.map(({ template }) => template), body.template]
    .filter((template) => template !== undefined)
    .filter(({ placeholders }) => placeholders.length > 0);
  if (mode === "batch" && (body.template !== undefined || templates.length > 0))
    throw invalid('mode is "batch", which sends CloudEvents; templates make one request an event.');
  const serves = kindsServed(templates);
  if (!serves.event && !serves.gap)
    throw invalid("no entry has all that the templates ask for: some is of events, some of gaps.");
  const sign: Sign =
    options.secret === undefined ? () => ({}) : createSign(options.secret.reveal());

  const request = (entries: readonly Entry[], nowMs: number): Planned => {
    const [first] = entries;
    const scope = first !== undefined && templates.length > 0 ? scopeOf(first) : {};
    const url = target.url(scope);
    if (url.kind === "refused") return url;
    const fields: Record<string, string> = {
      "user-agent": "trunkline",
      "content-type": body.contentType(mode),
    };
    for (const { name, value } of headers) {
      const rendered = value(scope);
      if (rendered.kind === "refused") return rendered;
      fields[name] = rendered.text.trim();
    }
    const content = mode === "batch" ? batchBody(entries) : body.render(first, scope);
    if (content.kind === "refused") return content;
    const id = messageId(entries);
    return {
      kind: "planned",
      request: {
        method,
        url: url.text,
        headers: { ...fields, "webhook-id": id, ...sign(id, nowMs, content.text) },
        body: content.text,
      },
    };
  };
  return {
    target,
    guard: createGuard(options.allow),
    serves,
    refuseStatuses: new Set(options.refuseStatuses),
    request,
    scrub: createScrub(options),
  };
}

function batchBody(entries: readonly Entry[]): Rendered {
  return { kind: "rendered", text: `[${entries.map(cloudEvent).join(",")}]` };
}

interface Body {
  readonly template: Template | undefined;
  contentType(mode: WebhookOptions["mode"]): string;
  render(entry: Entry | undefined, scope: Scope): Rendered;
}

function parseBody(text: string | undefined, headers: readonly Header[]): Body {
  if (text === undefined) {
    return {
      template: undefined,
      contentType: (mode) =>
        `${mode === "batch" ? batchContentType : eventContentType}; charset=utf-8`,
      render: (entry) => ({
        kind: "rendered",
        text: entry === undefined ? "" : cloudEvent(entry),
      }),
    };
  }
  const template = parseTemplate(text);
  const contentType = headers.find(({ name }) => name === "content-type")?.template;
  if ((contentType?.placeholders.length ?? 0) > 0)
    throw invalid("headers.content-type is a template; the escaping of the body depends on it.");
  const escape = bodyEscape(template, formatOf(contentType?.text ?? "application/json"));
  return {
    template,
    contentType: () => "application/json",
    render: (_entry, scope) => render(template, scope, escape, "the body"),
  };
}

function formatOf(contentType: string): BodyFormat {
  const [media = ""] = contentType.toLowerCase().split(";", 1);
  if (/[/+]json$/u.test(media.trim())) return "json";
  if (/[/+](?:xml|html)$/u.test(media.trim())) return "xml";
  return media.trim() === "application/x-www-form-urlencoded" ? "form" : "text";
}

function parseHeader(written: string, value: string | Secret): Header {
  const name = written.toLowerCase();
  if (!/^[a-z\d!#$%&'*+.^_`|~-]+$/u.test(name)) throw invalid(`"${written}" is no header name.`);
  if (reserved.test(name)) throw invalid(`the header ${name} is set by Trunkline itself.`);
  if (value instanceof Secret) {
    checkHeaderText(name, value.reveal());
    const rendered: Rendered = { kind: "rendered", text: value.reveal() };
    return { name, template: undefined, value: () => rendered };
  }
  const template = parseTemplate(value);
  for (const part of template.literals) checkHeaderText(name, part);
  return {
    name,
    template,
    value: (scope) => render(template, scope, inHeader, `header ${name}`),
  };
}

function checkHeaderText(name: string, text: string): void {
  if (inHeader(text, 0) === undefined)
    throw invalid(
      `the header ${name} has a line end or another character that headers cannot hold.`,
    );
}

/** Says which setting a template is in; the error itself says where in it. */
function inSetting<T>(setting: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof RelayError) || error.code !== "TEMPLATE_INVALID") throw error;
    throw new RelayError(error.code, `webhook.${setting}: ${error.message}`, {
      cause: error,
      help: error.help,
    });
  }
}

function createScrub({ headers, secret }: WebhookOptions): (text: string) => string {
  const words = [...Object.values(headers), secret]
    .filter((value) => value instanceof Secret)
    .flatMap((value) => value.reveal().split(/\s+/u))
    .filter((word) => word.length >= scrubCharactersMin);
  return (text) => words.reduce((left, word) => left.replaceAll(word, "[secret]"), text);
}

function invalid(why: string): RelayError {
  return new RelayError("WEBHOOK_INVALID", `webhook: ${why}`);
}
