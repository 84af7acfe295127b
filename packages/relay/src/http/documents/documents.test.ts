import specs from "@asyncapi/specs";
import { Validator } from "@seriousme/openapi-schema-validator";
import { eventApiErrors, readClientMessage } from "@trunkline/events";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { accessRoutes } from "../../gateway/access/routes.ts";
import { createEndpoints } from "../../gateway/access/endpoints.ts";
import { standingRoutes } from "../../gateway/standing/routes.ts";
import { jsonPaths } from "../../gateway/json-paths.ts";
import { socketPaths } from "../../gateway/paths.ts";
import { stageAccess } from "../../testing/access-stage.ts";
import { stageHttp, type HttpStage } from "../../testing/http-stage.ts";
import type { EventApiRoute } from "../event-api.ts";
import { createMetrics } from "../metrics.ts";
import { routesOf } from "../app.ts";
import { asyncApiDocument } from "./asyncapi.ts";
import { clientMessages, type ClientMessageShape } from "./client-messages.ts";

const place = { version: "1.2.3", host: "relay.example:8484", isSecure: true };
const shapes = Object.entries<ClientMessageShape>(clientMessages);

describe("the AsyncAPI document", () => {
  const document = asyncApiDocument(place);

  test("is valid by the schema of AsyncAPI 3.0", () => {
    const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
    const validate = ajv.compile(specs.schemasWithoutId["3.0.0"] as object);
    validate(document);
    expect(validate.errors ?? []).toEqual([]);
    expect(validate({ ...document, channels: [] })).toBe(false);
  });

  test("names nothing that is not in it", () => {
    expect(refsOf(document)).toEqual({ missing: [], isSome: true });
  });

  test("says where it was asked, and every close code", () => {
    expect(document).toMatchObject({
      servers: { relay: { host: "relay.example:8484", protocol: "wss" } },
    });
    const codes = (document["x-close-codes"] as readonly { code: number }[]).map(
      ({ code }) => code,
    );
    const closes = Object.values(eventApiErrors).flatMap(({ close }) => close ?? []);
    expect(codes).toEqual([...new Set(closes)].toSorted((a, b) => a - b));
  });
});

/** What one part of a document names, and is not there. */
function refsOf(document: object): {
  readonly missing: readonly string[];
  readonly isSome: boolean;
} {
  const text = JSON.stringify(document);
  const refs = [...text.matchAll(/"\$ref":"#\/([^"]+)"/gu)].map(([, ref = ""]) => ref);
  const missing = refs.filter((ref) => {
    let at: unknown = document;
    for (const part of ref.split("/")) at = (at as Record<string, unknown> | undefined)?.[part];
    return at === undefined;
  });
  return { missing, isSome: refs.length > 0 };
}

describe("the OpenAPI document", () => {
  type Paths = Readonly<Record<string, Readonly<Record<string, object>>>>;
  interface Stage extends HttpStage {
    readonly eventApi: readonly EventApiRoute[];
    readonly document: { readonly paths: Paths };
  }

  async function stage(): Promise<Stage> {
    const { access } = await stageAccess();
    const eventApi = [
      ...accessRoutes(createEndpoints(access, () => 0)),
      ...standingRoutes({} as Parameters<typeof standingRoutes>[0]),
    ];
    const http = stageHttp({}, eventApi);
    const document = (await http.ask("/openapi.json")).json<Stage["document"]>();
    return { ...http, eventApi, document };
  }

  test("is valid by the schema of OpenAPI 3.1, and names nothing that is not in it", async () => {
    const { document } = await stage();
    expect(await new Validator().validate(document)).toEqual({ valid: true });
    expect(await new Validator().validate({ ...document, paths: [] })).toMatchObject({
      valid: false,
    });
    expect(refsOf(document)).toEqual({ missing: [], isSome: true });
  });

  test("has every route and every path of a socket, and no others", async () => {
    const { document, service, clock, eventApi } = await stage();
    const version = "1.2.3";
    const metrics = createMetrics(service, version, false);
    const served = [...routesOf({ service, clock, version, eventApi }, metrics), ...eventApi];
    const keys = [
      ...served.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/gu, "{$1}")}`),
      ...socketPaths.map((path) => `GET ${path}`),
    ];
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.toSorted()).toEqual([...new Set(keys)].toSorted());
  });

  test("says nothing of the Event API where it is not served", async () => {
    const { service, clock } = stageHttp();
    const version = "1.2.3";
    const routes = routesOf({ service, clock, version }, createMetrics(service, version, false));
    expect(routes.map(({ path }) => path)).not.toContain("/asyncapi.json");
  });
});

describe.each(shapes)("a message %s", (_, { schema, examples, answers }) => {
  test.each(examples.map((example) => [JSON.stringify(example), example] as const))(
    "as in %s is taken by its schema and by the gateway, which answers as it says",
    (text, example) => {
      expect(schema.safeParse(example).error).toBeUndefined();
      const { message, complaints } = readClientMessage(text, { jsonPaths });
      expect(complaints).toBeUndefined();
      const answer = message?.kind === "subscribe" ? message.answer : answers[0];
      expect(answers).toContain(answer);
    },
  );

  test("with a field that is not described is refused by both, where it is strict", () => {
    const [example = {}] = examples;
    const odd = { ...example, zzz: 1 };
    const isTaken = readClientMessage(odd, { jsonPaths }).complaints === undefined;
    expect(schema.safeParse(odd).success).toBe(isTaken);
  });
});
