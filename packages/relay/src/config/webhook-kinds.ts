/** Options of webhooks. The sink itself is asked what it makes of them, so that there is one set of rules. */
import { Secret } from "@trunkline/client";
import { isRelayError, type RelayError } from "../errors.ts";
import { planWebhook } from "../sinks/webhook/plan.ts";
import type { WebhookOptions } from "./config.ts";
import { itemsMax } from "./domain-kinds.ts";
import { count, isRecord, list, record, text } from "./kinds.ts";
import { type CrossCheck, type Kind, refused } from "./option.ts";
import { secret, type Surroundings } from "./secrets.ts";

/** The longest body template. */
const templateCharactersMax = 65_536;
const headersMax = 50;

/** A webhook that nobody objects to, into which the option in question is put. */
const sound: WebhookOptions = {
  url: "https://example.com/",
  method: "POST",
  headers: {},
  body: undefined,
  mode: "event",
  secret: undefined,
  timeoutMs: 10_000,
  allow: [],
  refuseStatuses: [],
};

function objection(options: Partial<WebhookOptions>): RelayError | undefined {
  try {
    planWebhook({ ...sound, ...options });
    return undefined;
  } catch (error) {
    if (isRelayError(error)) return error;
    throw error;
  }
}

/** Without the name of the option, which stands before it anyway. */
function sentence(error: RelayError): string {
  return error.message
    .replace(
      /^webhook(?:\.[\w.-]+)?:? (?:is |has )?/u,
      (lead) => /(?:is|has) $/u.exec(lead)?.[0] ?? "",
    )
    .replace(/\.$/u, "");
}

/** A text that the sink has no objection to. The text is not repeated: it may have a secret in it. */
function checked(
  plain: Kind<string>,
  optionsOf: (text: string) => Partial<WebhookOptions>,
): Kind<string> {
  return {
    ...plain,
    read: (value, report) => {
      const written = plain.read(value, (found) => report({ ...found, isHidden: true }));
      if (written === refused) return refused;
      const error = objection(optionsOf(written));
      if (error === undefined) return written;
      report({ message: told(error), help: error.help, isHidden: true });
      return refused;
    },
  };
}

function told(error: RelayError): string {
  const words = sentence(error);
  return /^(?:is|has|does) /u.test(words) ? words : `is not taken: ${words}`;
}

export const webhookUrl: Kind<string> = checked(
  text({
    form: "a URL that begins with https://, with {{ placeholders }} after the host if any",
    sample: "https://hooks.example.com/genesys",
  }),
  (url) => ({ url }),
);

export const webhookBody: Kind<string> = checked(
  text({
    form: 'a template, such as {"conversation":"{{ data.id }}"}',
    sample: '{"conversation":"{{ data.id }}"}',
    charactersMax: templateCharactersMax,
    isVerbatim: true,
  }),
  // As text any template is taken; whether it is sound JSON depends on the headers beside it.
  (body) => ({ body, headers: { "content-type": "text/plain" } }),
);

/** Names of headers whose value is a secret. */
const secretHeader = /authorization|cookie|token|secret|password|api-?key|signature/iu;

export function webhookHeaders(
  surroundings: Surroundings,
): Kind<Readonly<Record<string, string | Secret>>> {
  const hidden = secret({ kind: "header", variable: "HOOK_TOKEN" }, surroundings);
  const open = text({
    form: "a template, or { env: NAME } or { file: PATH }",
    sample: "{{ topic }}",
  });
  const kindOf = (name: string): Kind<string | Secret> => ({
    ...open,
    read: (value, report) => {
      const isPlainSecret =
        typeof value === "string" && secretHeader.test(name) && !value.includes("{{");
      const read =
        isRecord(value) || isPlainSecret ? hidden.read(value, report) : open.read(value, report);
      if (read === refused) return refused;
      const error = objection({ headers: { [name]: read } });
      if (error === undefined) return read;
      report({ message: told(error), help: error.help, isHidden: true });
      return refused;
    },
  });
  return record({
    form: "a map of header names to values",
    sample: { "x-topic": "{{ topic }}" },
    max: headersMax,
    jsonSchema: { additionalProperties: { anyOf: [open.jsonSchema, hidden.jsonSchema] } },
    kindOf,
  });
}

export function webhookSecret(surroundings: Surroundings): Kind<Secret> {
  return secret(
    {
      kind: "webhook secret",
      variable: "HOOK_SECRET",
      mayBeSeveral: true,
      check: (written) => {
        const error = objection({ secret: new Secret("webhook secret", written) });
        return error === undefined ? undefined : told(error);
      },
    },
    surroundings,
  );
}

export const webhookAllow: Kind<readonly string[]> = list(
  checked(
    text({ form: "an address range such as 10.1.0.0/16, or a host name", sample: "10.1.0.0/16" }),
    (range) => ({ allow: [range] }),
  ),
  { max: itemsMax },
);

export const webhookStatuses: Kind<readonly number[]> = list(count({ min: 300, max: 599 }), {
  max: 300,
});

/** What is only wrong together: templates in batches, a body that its content type does not fit, … */
export const checkWebhook: CrossCheck = (sink, complain) => {
  const { url, headers, body, mode, timeout, writeTimeout } = sink;
  if (typeof timeout === "number" && typeof writeTimeout === "number" && timeout > writeTimeout)
    complain({
      path: ["timeout"],
      message: "is longer than writeTimeout, which would end the request before it",
      help: "Shorten timeout, or lengthen writeTimeout.",
    });
  if (typeof url !== "string" || !isRecord(headers) || (mode !== "event" && mode !== "batch"))
    return;
  if (typeof body !== "string" && body !== undefined) return;
  const error = objection({ url, headers: headers as WebhookOptions["headers"], body, mode });
  if (error !== undefined) complain({ message: told(error), help: error.help, isHidden: true });
};
