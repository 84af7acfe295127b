/** What a relay answers and says, held against docs/openapi.json and docs/asyncapi.json. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { default as formats } from "ajv-formats";

type Json = Readonly<Record<string, unknown>>;

interface Operation {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Json }>> }>
  >;
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly example?: unknown }>>;
  };
}

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Example {
  readonly payload: Json;
}

export interface AsyncApi {
  readonly channels: Readonly<Record<string, { readonly address: string }>>;
  readonly operations: Readonly<
    Record<
      string,
      {
        readonly action: "send" | "receive";
        readonly messages: readonly { readonly $ref: string }[];
        readonly reply?: { readonly messages: readonly { readonly $ref: string }[] };
      }
    >
  >;
  readonly components: {
    readonly messages: Readonly<
      Record<string, { readonly payload: Json; readonly examples?: readonly Example[] }>
    >;
    readonly schemas: Readonly<Record<string, { readonly properties?: Json }>>;
  };
}

export const openApi = read("openapi.json") as OpenApi;
export const asyncApi = read("asyncapi.json") as AsyncApi;

function read(name: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, "../docs", name), "utf8"));
}

const validators = new Map<string, ValidateFunction>();
const schemas = { openapi: new Ajv2020({ strict: false }), asyncapi: new Ajv({ strict: false }) };
for (const ajv of Object.values(schemas)) formats.default(ajv);
schemas.openapi.addSchema({ $id: "openapi", components: componentsOf(openApi) });
schemas.asyncapi.addSchema({ $id: "asyncapi", components: componentsOf(asyncApi) });

function componentsOf(document: object): unknown {
  return "components" in document ? document.components : {};
}

/** Why a value is not as a schema of a document says; undefined where it is. */
function fault(document: keyof typeof schemas, schema: Json, value: unknown): string | undefined {
  const key = `${document} ${JSON.stringify(schema)}`;
  let validate = validators.get(key);
  if (validate === undefined) {
    const whole = JSON.parse(
      JSON.stringify(schema).replaceAll('"#/components/', `"${document}#/components/`),
    ) as Json;
    validators.set(key, (validate = schemas[document].compile(whole)));
  }
  return validate(value) ? undefined : words(validate.errors ?? []);
}

function words(errors: readonly ErrorObject[]): string {
  return errors
    .map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    )
    .join("; ");
}

/** By its type; of those that have none the pong has its topic. */
export function kindOf(message: Json): string {
  if (typeof message["type"] === "string") return message["type"];
  return message["topicName"] === "channel.metadata" ? "pong" : "genesys-frame";
}

/** Names of messages that the relay sends, by the document. */
export const sentKinds: ReadonlySet<string> = new Set(
  Object.values(asyncApi.operations)
    .flatMap(({ action, messages, reply }) => [
      ...(action === "send" ? messages : []),
      ...(reply?.messages ?? []),
    ])
    .map(({ $ref }) => $ref.split("/").at(-1) ?? ""),
);

/** Why a message of the server is not as it is described; undefined where it is. */
export function messageFault(message: Json): string | undefined {
  const kind = kindOf(message);
  const described = asyncApi.components.messages[kind];
  if (described === undefined || !sentKinds.has(kind)) return `no message ${kind} is described`;
  const why = fault("asyncapi", described.payload, message);
  return why === undefined
    ? undefined
    : `${kind}: ${why}: ${JSON.stringify(message).slice(0, 500)}`;
}

/** The path of the document that one is; itself where there is none. */
function describedPath(path: string): string {
  const parts = path.split("/");
  const fits = (template: string): boolean => {
    const wanted = template.split("/");
    return (
      wanted.length === parts.length &&
      wanted.every((part, index) => part.startsWith("{") || part === parts[index])
    );
  };
  if (Object.hasOwn(openApi.paths, path)) return path;
  return Object.keys(openApi.paths).find(fits) ?? path;
}

export interface AnswerSeen {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly contentType: string | null | undefined;
  readonly text: string;
}

/** Why an answer is not as it is described; undefined where it is. */
export function answerFault(seen: AnswerSeen): string | undefined {
  const { method, status, contentType, text } = seen;
  const path = describedPath(seen.path);
  const where = `${method} ${path}: ${status}`;
  const operation = openApi.paths[path]?.[method.toLowerCase()];
  if (operation === undefined) return `${where}: nothing is described`;
  const response = operation.responses[status] ?? operation.responses["default"];
  if (response === undefined) return `${where}: no such status is described: ${text}`;
  const type = contentType?.split(";")[0] ?? "";
  const content = response.content?.[type];
  if (content === undefined) return `${where}: no ${type} is described`;
  if (type !== "application/json") return undefined;
  const why = fault("openapi", content.schema, JSON.parse(text));
  return why === undefined ? undefined : `${where}: ${why}: ${text.slice(0, 500)}`;
}
