import { expect, test } from "vitest";
import { parseTarget } from "./target.ts";

function urlOf(text: string, data: Readonly<Record<string, unknown>>): string {
  const result = parseTarget(text).url({ data });
  return result.kind === "rendered" ? result.text : `refused: ${result.reason}`;
}

test("percent-encodes values in path and query", () => {
  const text = "https://api.example.com:8443/c/{{ data.id }}/x?q={{ data.q }}&r={{ data.id }}";
  expect(urlOf(text, { id: "a/../b?c#d", q: "ü &=%2f" })).toBe(
    "https://api.example.com:8443/c/a%2F..%2Fb%3Fc%23d/x?q=%C3%BC%20%26%3D%252f&r=a%2F..%2Fb%3Fc%23d",
  );
});

test("keeps a URL without placeholders as it is written", () => {
  const text = "https://api.example.com/a/../b?x=%7B";
  expect(urlOf(text, {})).toBe(text);
  expect(parseTarget(text)).toMatchObject({
    isTemplated: false,
    origin: "https://api.example.com",
  });
});

test.each([
  ["https://h.example/a/{{ data.id }}/b", { id: ".." }],
  ["https://h.example/a/{{ data.id }}/b", { id: "." }],
  ["https://h.example/a/{{ data.id }}", { id: ".." }],
  ["https://h.example/a/.{{ data.id }}?x", { id: "." }],
  ["https://h.example/a/{{ data.id }}{{ data.id }}", { id: "." }],
  ["https://h.example/a/%2e{{ data.id }}", { id: "." }],
  ["https://h.example/a/{{ data.id }}/b", { id: "" }],
  ["https://h.example/a/{{ data.id }}/b", { id: null }],
  ["https://h.example/a/{{ data.id }}/b", { id: ["x"] }],
  ["https://h.example/a?b={{ data.id }}", {}],
])("refuses an entry for %j with %j", (text, data) => {
  expect(urlOf(text, data)).toMatch(/^refused: the URL/u);
});

test("takes an empty value and dots in a query", () => {
  expect(urlOf("https://h.example/?a={{ data.id }}", { id: "" })).toBe("https://h.example/?a=");
  expect(urlOf("https://h.example/?a=/{{ data.id }}/", { id: ".." })).toBe(
    "https://h.example/?a=/../",
  );
});

test.each([
  ["https://{{ data.host }}/x", "TEMPLATE_INVALID|WEBHOOK_INVALID"],
  ["https://api.{{ data.host }}/x", "TEMPLATE_INVALID"],
  ["https://api.example.com{{ data.path }}", "TEMPLATE_INVALID"],
  ["https://api.example.com:{{ data.port }}/", "TEMPLATE_INVALID"],
  ["https://u{{ data.id }}@h.example/", "TEMPLATE_INVALID"],
  ["{{ data.url }}", "WEBHOOK_INVALID"],
  ["ftp://h.example/{{ data.id }}", "WEBHOOK_INVALID"],
  ["https://user:hidden@h.example/", "WEBHOOK_INVALID"],
  ["https://h.example/#part", "WEBHOOK_INVALID"],
  ["https://h.example/#{{ data.id }}", "WEBHOOK_INVALID"],
  ["https://h.example/a b", "WEBHOOK_INVALID"],
  ["https://h.example\\{{ data.id }}/", "TEMPLATE_INVALID|WEBHOOK_INVALID"],
  ["https://h.exa\nmple/", "WEBHOOK_INVALID"],
  ["https://", "WEBHOOK_INVALID"],
])("does not take %j for a URL", (text, code) => {
  const attempt = (): unknown => parseTarget(text);
  expect(attempt).toThrow(
    expect.objectContaining({ code: expect.stringMatching(new RegExp(`^(${code})$`, "u")) }),
  );
  expect(attempt).not.toThrow(/hidden/u);
});
