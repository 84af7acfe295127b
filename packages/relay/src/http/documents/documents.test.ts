import { readFileSync } from "node:fs";
import { join } from "node:path";
import specs from "@asyncapi/specs";
import { eventApiErrors, readClientMessage } from "@trunkline/events";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { jsonPaths } from "../../gateway/json-paths.ts";
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
    const text = JSON.stringify(document);
    const refs = [...text.matchAll(/"\$ref":"#\/([^"]+)"/gu)].map(([, ref = ""]) => ref);
    const missing = refs.filter((ref) => {
      let at: unknown = document;
      for (const part of ref.split("/")) at = (at as Record<string, unknown> | undefined)?.[part];
      return at === undefined;
    });
    expect(missing).toEqual([]);
    expect(refs.length).toBeGreaterThan(100);
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

test("docs/asyncapi.json is current (scripts/api-docs.ts)", () => {
  const root = join(import.meta.dirname, "../../../../..");
  const shown = JSON.parse(readFileSync(join(root, "docs/asyncapi.json"), "utf8")) as unknown;
  const { version } = JSON.parse(
    readFileSync(join(root, "packages/relay/package.json"), "utf8"),
  ) as { readonly version: string };
  expect(shown).toEqual(
    JSON.parse(
      JSON.stringify(asyncApiDocument({ version, host: "127.0.0.1:8484", isSecure: false })),
    ),
  );
});
