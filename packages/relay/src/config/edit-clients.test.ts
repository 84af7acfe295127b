import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isRelayError } from "../errors.ts";
import { addClient, listClients, objectionsToClient, removeClient } from "./edit-clients.ts";
import { exampleConfig } from "./example.ts";
import { parseConfig } from "./parse.ts";

const path = "trunkline.yaml";
const secretHash = `sha256:${"a1".repeat(32)}`;
const client = { id: "wallboard", secretHash, scopes: ["analytics:events:read"], eventTypes: [] };
const other = {
  ...client,
  id: "flow",
  eventTypes: ["conversation:updated", "v2.users.{id}.presence"],
};

function parse(text: string): ReturnType<typeof parseConfig> {
  const env = {
    GENESYSCLOUD_OAUTHCLIENT_ID: "id",
    GENESYSCLOUD_OAUTHCLIENT_SECRET: "s3cret",
    GENESYSCLOUD_REGION: "eu-central-1",
  };
  return parseConfig({ text, path, env, readText: () => "" });
}

/** Those lines of a text that another has not, in order. */
function missing(lines: string, from: string): readonly string[] {
  const there = from.split("\n");
  return lines.split("\n").filter((line) => !there.includes(line));
}

const trunks = "trunks: [{ name: main, topics: [] }] # one\n";
const forms: Readonly<Record<string, string>> = {
  "the example": exampleConfig(),
  "no gateway": `# first\n${trunks}# last`,
  "an empty gateway": `gateway: # here\n  # what\n  #clients:\n# why\n${trunks}`,
  "a gateway with other options": `gateway:\n   tokenLife: 1h # short\n   # then\n${trunks}`,
  "clients without any": `gateway:\n  clients: # none\n  tokenLife: 1h\n${trunks}`,
  "a client": `gateway:\n  clients:\n  - id: first # mine\n    secretHash: ${secretHash}\n    scopes:\n      - x\n    # end\n  tokenLife: 1h\n${trunks}`,
  "clients at the end": `${trunks}gateway:\n    clients:\n        - { id: first, secretHash: "${secretHash}", scopes: [x] }`,
  braces: `{ gateway: { tokenLife: 1h }, ${trunks.replace(" # one\n", "")} }\n`,
  "lines of Windows": `# a\r\ngateway:\r\n  tokenLife: 1h\r\n${trunks.replace("\n", "\r\n")}`,
};

describe.each(Object.entries(forms))("%s", (_, text) => {
  test("gets a client and keeps every line", () => {
    const added = addClient(text, path, client);
    const twice = addClient(added, path, other);
    // What stands in braces is written anew.
    const isPlain = !text.startsWith("{");
    expect(missing(text, twice).length === 0).toBe(isPlain);
    const before = parse(text);
    expect(parse(twice)).toEqual({
      ...before,
      warnings: parse(twice).warnings,
      gateway: {
        ...before.gateway,
        clients: [
          ...before.gateway.clients,
          { ...client, eventTypes: undefined, trunks: undefined, genesysClientId: undefined },
          { ...other, trunks: undefined, genesysClientId: undefined },
        ],
      },
    });
    expect(twice.includes("\r\n")).toBe(text.includes("\r\n"));
  });

  test("loses it again, and is what it was", () => {
    const added = addClient(addClient(text, path, client), path, other);
    const removed = removeClient(removeClient(added, path, "wallboard") ?? "", path, "flow") ?? "";
    expect(parse(removed)).toEqual(parse(text));
    expect(missing(text, removed).filter((line) => line.includes("#"))).toEqual([]);
  });
});

test("JSON stays JSON", () => {
  const text = JSON.stringify({ gateway: { clients: [] }, trunks: [{ name: "main" }] }, null, 2);
  const added = addClient(text, path, client);
  expect(JSON.parse(added)).toMatchObject({ gateway: { clients: [{ id: "wallboard" }] } });
  expect(JSON.parse(removeClient(added, path, "wallboard") ?? "")).toEqual(JSON.parse(text));
  const bare = addClient('{"trunks":[{"name":"main"}]}', path, client);
  expect(parse(bare).gateway.clients).toHaveLength(1);
  expect(parse(removeClient(bare, path, "wallboard") ?? "").gateway.clients).toEqual([]);
});

test("whatever clients come and go, the others stay", () => {
  const steps = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 4 })), { maxLength: 20 });
  fc.assert(
    fc.property(fc.constantFrom(...Object.values(forms)), steps, (form, acts) => {
      let text = form;
      let ids = listClients(form, path).map(({ id }) => id);
      for (const [isAdded, number] of acts) {
        const id = `id-${number}`;
        if (isAdded === ids.includes(id)) continue;
        text =
          (isAdded ? addClient(text, path, { ...client, id }) : removeClient(text, path, id)) ?? "";
        ids = isAdded ? [...ids, id] : ids.filter((one) => one !== id);
        expect(listClients(text, path).map((one) => one.id)).toEqual(ids);
      }
      expect(parse(text).trunks).toEqual(parse(form).trunks);
    }),
    { numRuns: 60 },
  );
});

test("the list shows what each may, and no hash", () => {
  const text = addClient(addClient(exampleConfig(), path, client), path, other);
  const listed = listClients(text, path);
  expect(listed.map(({ id, eventTypes }) => [id, eventTypes])).toEqual([
    ["wallboard", undefined],
    ["flow", other.eventTypes],
  ]);
  expect(JSON.stringify(listed)).not.toContain("sha256");
  expect(removeClient(text, path, "nobody")).toBeUndefined();
});

test.each([
  ["gateway: [", "is not valid YAML"],
  [`gateway: ${"[".repeat(20_000)}`, "is not valid YAML"],
  ["gateway: 5", "gateway in trunkline.yaml is no map"],
  ["gateway: { clients: 5 }", "gateway.clients in trunkline.yaml is no list"],
  ["- a", "What stands in trunkline.yaml is no map of options"],
])("a file that cannot be followed is refused: %s", (text, message) => {
  for (const act of [() => addClient(text, path, client), () => listClients(text, path)])
    expect(act).toThrow(
      expect.toSatisfy(
        (error: Error) => isRelayError(error, "CONFIG_INVALID") && error.message.includes(message),
      ),
    );
});

test("what a relay would not take is refused before it is written", () => {
  expect(objectionsToClient(other)).toEqual([]);
  const found = objectionsToClient({
    id: "a b",
    scopes: ["x y"],
    eventTypes: ["conversation:update"],
  });
  expect(found.map(({ message }) => message)).toEqual([
    '"a b" has other characters than A-Z, a-z, 0-9, -, _ and ., or more than 100',
    '"x y" is no scope',
    '"conversation:update" is no event type; did you mean conversation:updated?',
  ]);
});
