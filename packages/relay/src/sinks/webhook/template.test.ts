import { expect, test } from "vitest";
import { isRelayError } from "../../errors.ts";
import { bodyEscape, inHeader, render, type BodyFormat } from "./escape.ts";
import { kindsServed, parseTemplate, type Scope } from "./template.ts";

const scope: Scope = {
  topic: "v2.users.1.presence",
  entity: "a/b?c#d&e",
  organizationId: undefined,
  data: {
    id: "c-1",
    name: 'Zoë "Z" \\ \n<b>&amp;</b>',
    count: 3,
    isOn: false,
    nothing: null,
    empty: "",
    participants: [{ id: "p-0" }, { id: "p-1", "customer id": "x" }],
  },
};

function fill(text: string, format: BodyFormat = "text"): string {
  const template = parseTemplate(text);
  const result = render(template, scope, bodyEscape(template, format), "the body");
  return result.kind === "rendered" ? result.text : `refused: ${result.reason}`;
}

test.each([
  ["no placeholder at all", "no placeholder at all"],
  ["", ""],
  ["{{topic}}", "v2.users.1.presence"],
  ["<{{ data.id }}|{{data.count}}|{{ data.isOn }}>", "<c-1|3|false>"],
  ["{{ data.participants[1].id }}", "p-1"],
  ['{{ data.participants[1]["customer id"] }}', "x"],
  ["{{ data.participants.length }}", "2"],
  ['{{ data.nobody ?? "none" }}', "none"],
  ['{{ data.nothing ?? "}} none" }}', "}} none"],
  ["{{ data.count ?? 7 }}{{ data.nobody ?? -1.5 }}", "3-1.5"],
  ['{{ organizationId ?? "" }}.', "."],
  ["{{ data.participants }}", JSON.stringify((scope["data"] as Scope)["participants"])],
  ['{ "a": { "b": {{ data.count }}}}', '{ "a": { "b": 3}}'],
])("fills %j", (text, expected) => {
  expect(fill(text)).toBe(expected);
});

test.each([
  ["{{ data.nobody }}", "the body asks for {{ data.nobody }}, which is missing in this entry"],
  ["{{ data.nothing }}", "the body asks for {{ data.nothing }}, which is null"],
  ["{{ data.constructor }}", "missing"],
  ["{{ data.id.length }}", "missing"],
  ["{{ data.participants[2].id }}", "missing"],
  ["{{ organizationId }}", "missing"],
])("refuses %j with the reason", (text, reason) => {
  expect(fill(text)).toContain(`refused: `);
  expect(fill(text)).toContain(reason);
});

test.each([
  ["{{ }}", 3],
  ["ab\nc {{ data.id", 15],
  ["{{ foo.bar }}", 3],
  ["{{ data.id || 1 }}", 11],
  ["{{ data.id ?? yes }}", 14],
  ["{{ data..id }}", 7],
  ["{{ data.id() }}", 10],
  [String.raw`{{ data["\x"] }}`, 13],
  ["{{ data[x] }}", 7],
])("does not parse %j, and says where", (text, offset) => {
  let caught: unknown;
  try {
    parseTemplate(text);
  } catch (error) {
    caught = error;
  }
  expect(isRelayError(caught, "TEMPLATE_INVALID")).toBe(true);
  expect(String(caught)).toContain(`(offset ${offset})`);
});

test("tells lines and columns as an editor counts them", () => {
  expect(() => parseTemplate("{\n  x {{ foo }}")).toThrow("line 2, column 8");
});

test("writes values into JSON as JSON: whole outside of quotes, as part of the text inside", () => {
  const body =
    '{"whole": {{ data.name }}, "part": "-{{ data.name }}-", "list": {{ data.participants }}, "n": {{ data.count }}, "nil": {{ data.nothing }}, "{{ data.id }}": "\\"{{ data.count }}"}';
  expect(JSON.parse(fill(body, "json"))).toEqual({
    whole: 'Zoë "Z" \\ \n<b>&amp;</b>',
    part: '-Zoë "Z" \\ \n<b>&amp;</b>-',
    list: [{ id: "p-0" }, { id: "p-1", "customer id": "x" }],
    n: 3,
    nil: null,
    "c-1": '"3',
  });
});

test("lets no list or object into a JSON string", () => {
  expect(fill('{"a": "{{ data.participants }}"}', "json")).toContain("refused:");
  expect(fill('{"a": "{{ data.nothing }}"}', "json")).toContain("refused:");
});

test.each([
  ['{"a": {{ data.id }}', 19],
  ['{"a": -{{ data.id }}}', 7],
  ['{"a": 1{{ data.id }}}', 7],
  [String.raw`{"a": "\{{ data.id }}"}`, 8],
  ['{"a": {{ data.id }},}', 20],
])("does not take %j for a JSON body", (text, offset) => {
  const template = parseTemplate(text);
  expect(() => bodyEscape(template, "json")).toThrow(`offset ${offset}`);
  expect(() => bodyEscape(template, "text")).not.toThrow();
});

test("escapes for XML and forms", () => {
  expect(fill("<n>{{ data.name }}</n>", "xml")).toBe(
    "<n>Zoë &quot;Z&quot; \\ \n&lt;b&gt;&amp;amp;&lt;/b&gt;</n>",
  );
  expect(fill("e={{ entity }}&x=1", "form")).toBe("e=a%2Fb%3Fc%23d%26e&x=1");
});

test.each([
  ["plain", true],
  ["caf\u00e9", true],
  ["a\r\nx-evil: 1", false],
  ["a\nb", false],
  ["\u0000", false],
  ["\u{1F600}", false],
  ["\u0085", false],
])("a header may hold %j: %s", (value, isAllowed) => {
  expect(inHeader(value, 0) !== undefined).toBe(isAllowed);
});

function served(...texts: readonly string[]): Readonly<Record<string, boolean>> {
  return kindsServed(texts.map(parseTemplate));
}

test("tells which kinds of entries have all that is asked for", () => {
  expect(served("{{ id }} {{ trunk }}")).toEqual({ event: true, gap: true });
  expect(served("{{ id }}", "{{ data.id }}")).toEqual({ event: true, gap: false });
  expect(served('{{ data.id ?? "none" }}')).toEqual({ event: true, gap: true });
  expect(served("{{ cause }}")).toEqual({ event: false, gap: true });
  expect(served("{{ cause }}{{ topic }}")).toEqual({ event: false, gap: false });
});
