/** Options of the Event API: tokens, clients and what each may see, limits. */
import { eventTypes } from "@trunkline/events";
import { isSecretHash } from "../gateway/access/secret-hash.ts";
import { knownScopes } from "../gateway/access/scopes.ts";
import { itemsMax, path } from "./domain-kinds.ts";
import { count, duration, flag, isRecord, list, name, record, size, text } from "./kinds.ts";
import { nearMiss } from "./near-miss.ts";
import {
  type CrossCheck,
  keyed,
  type Kind,
  optional,
  preset,
  refused,
  required,
  section,
  sections,
} from "./option.ts";
import type { Surroundings } from "./secrets.ts";

const clientsMax = 1_000;
const eventTypeScopesMax = 1_000;

/** `1*( %x21 / %x23-5B / %x5D-7E )` of RFC 6749 section 3.3. */
export function isScope(written: string): boolean {
  return /^[\u0021\u0023-\u005B\u005D-\u007E]{1,100}$/u.test(written);
}

export const scope = text({
  form: "a scope without white space, such as analytics:events:read",
  sample: "analytics:events:read",
  check: (written) => (isScope(written) ? undefined : "is no scope"),
});

export const clientId = text({
  form: "1 to 100 of the characters A-Z, a-z, 0-9, -, _ and .",
  sample: "wallboard",
  check: (written) =>
    /^[\w.-]{1,100}$/u.test(written)
      ? undefined
      : "has other characters than A-Z, a-z, 0-9, -, _ and ., or more than 100",
});

/** Why a text is no event type, with what may have been meant. */
export function objectionToEventType(written: string): string | undefined {
  const known = Object.keys(eventTypes);
  if (known.includes(written) || /^v\d+(?:\.[^.\s?&]+)+$/iu.test(written)) return undefined;
  const near = nearMiss(written, known);
  return `is no event type${near === undefined ? "" : `; did you mean ${near}?`}`;
}

export const eventType = text({
  form: "an event type, such as conversation:updated, or the name of a topic, such as v2.users.{id}.presence",
  sample: "conversation:updated",
  check: objectionToEventType,
});

const secretHash: Kind<string> = {
  ...text({ form: "sha256: and 64 hexadecimal digits", sample: `sha256:${"0".repeat(64)}` }),
  jsonSchema: { type: "string", pattern: "^sha256:[0-9A-Fa-f]{64}$" },
  read: (value, report) => {
    if (typeof value === "string" && isSecretHash(value.trim())) return value.trim().toLowerCase();
    // It may be the secret itself.
    report({
      message: "is no hash of a secret",
      help: "`trunkline clients add` makes a secret and writes its hash. The secret itself stands nowhere.",
      isHidden: true,
    });
    return refused;
  },
};

const eventTypeScopes = record<string>({
  form: "a map of event types to scopes",
  sample: { "conversation.summary": "wallboard:read" },
  max: eventTypeScopesMax,
  jsonSchema: { additionalProperties: scope.jsonSchema },
  kindOf: (key, report) => {
    const objection = objectionToEventType(key);
    if (objection === undefined) return scope;
    report({
      message: objection,
      help: "docs/EVENT-API.md lists the event types.",
      isHidden: true,
      isKey: true,
    });
    return undefined;
  },
});

// oxlint-disable-next-line typescript/explicit-module-boundary-types -- the schema is the type
export function gatewaySchema(surroundings: Surroundings) {
  return section(
    "The Event API: who may connect to it and see what, and its limits.",
    {
      enabled: preset(flag, true, { description: "Whether the Event API is served at all." }),
      tokenLife: preset(duration({ min: "5m", max: "48h" }), "24h", {
        description: "For so long a token is valid that is issued from now on.",
      }),
      clockLeeway: preset(duration({ min: "0s", max: "5m" }), "5s", {
        description: "How far the clock of whoever issued a token may be ahead of this relay's.",
      }),
      signingKey: optional(path("the path of a PEM file", "./signing-key.pem", surroundings), {
        description:
          "PEM file (PKCS #8) with the Ed25519 key that signs tokens; relays that share it take each other's tokens. Left out: a key of its own in dataDir, made at the first start.",
        example: "./signing-key.pem",
      }),
      eventTypeScopes: preset(
        eventTypeScopes,
        {},
        {
          description: "Scopes that event types ask for, besides what they need anyway.",
          example: { "conversation.summary": "wallboard:read" },
        },
      ),
      connectionsMax: preset(count({ min: 1, max: 100_000 }), 10_000, {
        description: "Sockets and streams open at a time.",
      }),
      connectionsPerAddressMax: preset(count({ min: 1, max: 100_000 }), 100, {
        description: "How many of them may come from one address.",
      }),
      subscriptionsMax: preset(count({ min: 1, max: 1_000_000 }), 10_000, {
        description: "Subscriptions that are kept at a time.",
      }),
      messageBytesMax: preset(size({ min: "1KiB", max: "1MiB" }), "64KiB", {
        description: "The largest message that a client may send.",
      }),
      clients: sections(
        "Programs that may have tokens: `trunkline clients add` writes them here.",
        clientsMax,
        clientSchema(),
      ),
    },
    (gateway, complain) => checkGateway(gateway, surroundings, complain),
  );
}

// oxlint-disable-next-line typescript/explicit-function-return-type -- the schema is the type
function clientSchema() {
  return keyed({
    id: required(clientId, {
      description: "Its client_id; stands in tokens and in the log.",
      example: "wallboard",
    }),
    secretHash: required(secretHash, {
      description: "SHA-256 of its client_secret, which stands nowhere.",
      example: `sha256:${"0".repeat(64)}`,
    }),
    scopes: required(list(scope, { min: 1, max: itemsMax }), {
      description: "Scopes that it may ask for.",
      example: ["analytics:events:read"],
    }),
    eventTypes: optional(list(eventType, { min: 1, max: itemsMax }), {
      description: "The only event types that it may read. Left out: all that its scopes grant.",
      example: ["conversation:updated"],
    }),
    trunks: optional(list(name, { min: 1, max: itemsMax }), {
      description: "The only trunks whose events it may see. Left out: all of them.",
      example: ["main"],
    }),
    genesysClientId: optional(
      text({
        form: "the id of an OAuth client of Genesys Cloud",
        sample: "my-client",
        charactersMax: 200,
      }),
      {
        description:
          "OAuth client of Genesys Cloud whose access tokens it may present instead of ours.",
        example: "6b1f9d52-9c0f-4b57-8d0e-7f3c2a1e4d60",
      },
    ),
  });
}

/** Ids stand for one client each; and a scope that grants nothing is told of. */
function checkGateway(
  gateway: Readonly<Record<string, unknown>>,
  { warn }: Surroundings,
  complain: Parameters<CrossCheck>[1],
): void {
  const clients = (Array.isArray(gateway["clients"]) ? gateway["clients"] : []).map(
    (client: unknown) => (isRecord(client) ? client : {}),
  );
  for (const key of ["id", "genesysClientId"]) {
    const seen = new Map<string, number>();
    for (const [index, { [key]: given }] of clients.entries()) {
      if (typeof given !== "string") continue;
      const first = seen.get(given);
      if (first === undefined) seen.set(given, index);
      else
        complain({
          path: ["clients", index, key],
          message: `is the ${key} of clients[${first}] too`,
          help: "Give each client one of its own.",
        });
    }
  }
  const more = isRecord(gateway["eventTypeScopes"])
    ? Object.values(gateway["eventTypeScopes"])
    : [];
  const granting = [...knownScopes, ...more.filter((one) => typeof one === "string")];
  for (const { id, scopes } of clients)
    for (const one of Array.isArray(scopes) ? scopes : []) {
      if (typeof one !== "string" || granting.includes(one)) continue;
      const near = nearMiss(one, granting);
      warn(
        `The scope ${one} of the client ${String(id)} grants nothing${near === undefined ? "" : `; did you mean ${near}?`}`,
      );
    }
}

/** Trunks that clients are kept to must be there. */
export const checkClientTrunks: CrossCheck = ({ trunks, gateway }, complain) => {
  if (!Array.isArray(trunks) || !isRecord(gateway) || !Array.isArray(gateway["clients"])) return;
  const names = trunks.map((trunk: unknown) => (isRecord(trunk) ? trunk["name"] : undefined));
  for (const [index, client] of gateway["clients"].entries()) {
    const kept: unknown = isRecord(client) ? client["trunks"] : undefined;
    for (const [at, trunk] of (Array.isArray(kept) ? kept : []).entries())
      if (!names.includes(trunk))
        complain({
          path: ["gateway", "clients", index, "trunks", at],
          message: "is the name of no trunk",
          help: "Name one of those under trunks.",
        });
  }
};
