import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseTopic, templateOf, topicTemplates } from "./topics.ts";

const id = "33333333-3333-4333-8333-333333333333";

describe("the catalogue", () => {
  test("has the 242 templates, each found by an instance of it in any case", () => {
    expect(topicTemplates).toHaveLength(242);
    for (const template of topicTemplates) {
      const instance = template.topic.replaceAll("{id}", id);
      expect(templateOf(instance)?.topic).toBe(template.topic);
      expect(templateOf(instance.toUpperCase())?.topic).toBe(template.topic);
    }
  });

  test("prefers words to placeholders", () => {
    expect(templateOf("v2.system.socket_closing")?.topic).toBe("v2.system.socket_closing");
    expect(templateOf("v2.system.a.b")?.topic).toBe("v2.system.{id}.{id}");
  });

  test.each(["", "v2", "v2.users", `v2.users.${id}`, `v2.users.${id}.nonsense`, "nonsense"])(
    "does not have %j",
    (name) => {
      expect(templateOf(name)).toBeUndefined();
    },
  );
});

describe("parsing a topic", () => {
  test("expands a combined one", () => {
    expect(parseTopic(`v2.users.${id}?presence&conversations.calls`, 200)).toEqual({
      kind: "combined",
      id: `v2.users.${id}?presence&conversations.calls`,
      names: [`v2.users.${id}.presence`, `v2.users.${id}.conversations.calls`],
    });
  });

  test("never throws, and keeps what came", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const parsed = parseTopic(text, 200);
        expect(parsed.id).toBe(text);
        templateOf(text);
      }),
    );
  });
});
