import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { builtInScenarios, readBuiltInScenario } from "../platform/files.ts";
import { MockError } from "../mock-error.ts";
import { faultNames, faultSchemas } from "../server/fault-schema.ts";
import { parseDuration } from "./duration.ts";
import { readScenario } from "./read-scenario.ts";
import { scenarioJsonSchema } from "./schema.ts";

const read = (text: string): ReturnType<typeof readScenario> => readScenario(text, "s.yaml", "s");

function complaint(text: string): string {
  try {
    read(text);
  } catch (error) {
    if (error instanceof MockError && error.code === "SCENARIO_INVALID") return error.message;
    throw error;
  }
  return "nothing";
}

describe("a scenario", () => {
  test("is read, with its options, instants and targets", () => {
    expect(
      read(`
name: mine
seed: 7
settings: { heartbeatMs: 50, displacedSocket: cut, tokenFormat: jwt }
timeline:
  - { at: 10s, fault: cutSockets }
  - { at: 1.5s, for: 5s, fault: silence, socket: newest }
  - { every: 60s, times: 3, fault: closeSockets, code: 4000, channel: oldest }
  - { at: 5ms, publish: { topic: v2.a, body: { n: 1 } } }
  - { at: 1h, clear: true }
`),
    ).toEqual({
      name: "mine",
      options: {
        seed: 7,
        settings: { heartbeatMs: 50, displacedSocket: "cut", tokenFormat: "jwt" },
      },
      timeline: [
        { atMs: 10_000, act: { kind: "fault", fault: { fault: "cutSockets" } } },
        {
          atMs: 1_500,
          act: { kind: "fault", fault: { fault: "silence" }, socket: "newest", forMs: 5_000 },
        },
        {
          atMs: 0,
          everyMs: 60_000,
          times: 3,
          act: { kind: "fault", fault: { fault: "closeSockets", code: 4000 }, channel: "oldest" },
        },
        { atMs: 5, act: { kind: "publish", topic: "v2.a", body: { n: 1 } } },
        { atMs: 3_600_000, act: { kind: "clear" } },
      ],
    });
  });

  test("may be JSON, have no timeline, and take its name from its file", () => {
    expect(read('{"rate": 3}')).toEqual({ name: "s", options: { rate: 3 }, timeline: [] });
  });

  test.each([
    ["rate: fast", 's.yaml:1:7: rate "fast": expected a number from 0 to 100000'],
    ["sede: 1", "s.yaml:1:1: sede is nothing that is known here. Did you mean seed?"],
    ["[]", "s.yaml:1:1: the scenario expected a map of options and a timeline"],
    ["", "s.yaml:1:1: the scenario expected a map of options and a timeline"],
    ["rate: 1\nrate: 2", "s.yaml:2:1: is not valid YAML: Map keys must be unique"],
    ["a: [", "s.yaml:1:5: is not valid YAML"],
    ["settings: { heartbeetMs: 1 }", "s.yaml:1:13: settings.heartbeetMs is nothing"],
    ["settings: { heartbeetMs: 1 }", "Did you mean heartbeatMs?"],
    [
      "settings: { heartbeatMs: soon }",
      's.yaml:1:26: settings.heartbeatMs "soon": expected a whole',
    ],
    ["settings: { tokenFormat: jtw }", "expected opaque or jwt"],
    ["settings: { displacedSocket: off }", 'expected "cut", "stay", or an object'],
    ["clients: [{ clientId: a }]", "clients[0].clientSecret is missing: expected a string"],
    ["timeline: 3", 's.yaml:1:11: timeline "3": expected a list'],
    ["timeline: [cutSockets]", "s.yaml:1:12: timeline[0] expected a map"],
    ["timeline: [{ at: 1s }]", "timeline[0] has none of fault, publish and clear"],
    ["timeline: [{ fault: silence, clear: true }]", "has fault and clear of fault, publish"],
    [
      "timeline: [{ fault: silense }]",
      'timeline[0].fault "silense": is no fault. Did you mean silence?',
    ],
    ["timeline: [{ fault: constructor }]", "is no fault. There are silence, halfOpen"],
    [
      "timeline: [{ at: 1, fault: silence }]",
      's.yaml:1:18: timeline[0].at "1": expected a duration',
    ],
    ["timeline: [{ at: 200h, fault: silence }]", "expected a duration"],
    ["timeline: [{ fault: closeSockets }]", "timeline[0].code is missing: expected a close code"],
    [
      "timeline: [{ fault: closeSockets, code: 1006 }]",
      '"1006": expected a close code that may be',
    ],
    ["timeline: [{ fault: cutSockets, for: 1s }]", "timeline[0].for is nothing that is known here"],
    ["timeline: [{ fault: silence, soket: newest }]", "Did you mean socket?"],
    ["timeline: [{ fault: silence, socket: all }]", "expected newest or oldest"],
    ["timeline: [{ fault: silence, socket: newest, socketId: 3 }]", "has both socket and socketId"],
    ["timeline: [{ fault: dropChannel }]", "is missing which channel"],
    ["timeline: [{ fault: silence, times: 3 }]", "has times, but no every"],
    ["timeline: [{ fault: silence, every: 0s }]", "repeats every 0"],
    [
      "timeline: [{ publish: { topic: a } }]",
      "timeline[0].publish.body is missing: expected a map",
    ],
    ["timeline: [{ publish: a }]", 'timeline[0].publish "a": expected topic and body'],
    ["timeline: [{ clear: false }]", "expected true"],
  ])("%j is refused", (text, said) => {
    expect(complaint(text)).toContain(said);
  });

  test("is complained about all at once, in the order of the file", () => {
    const said = complaint(`rate: -1
timeline:
  - { at: x, fault: cutSockets }
  - { at: 1s, fault: nonsense }
  - { fault: closeSockets, code: 1006, raeson: y }
`);
    expect(said).toContain("s.yaml has 5 things wrong");
    const places = [...said.matchAll(/^s\.yaml:(\d+:\d+):/gmu)].map((match) => match[1]);
    expect(places).toEqual(["1:7", "3:11", "4:22", "5:34", "5:40"]);
  });

  test("does not repeat what may be a secret", () => {
    expect(complaint("clients: [{ clientId: a, clientSecret: 12345678 }]")).not.toContain(
      "12345678",
    );
  });

  test("is bounded: neither aliases nor depth nor length make it take long", () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${["b", "c", "d", "e", "f", "g"]
      .map(
        (name, index) =>
          `${name}: &${name} [${"*abcdefg".slice(0, 1)}${"abcdefg"[index]}${`, *${"abcdefg"[index]}`.repeat(8)}]`,
      )
      .join("\n")}`;
    expect(complaint(bomb)).toContain("alias");
    expect(complaint("[".repeat(20_000))).toContain("s.yaml");
    expect(complaint("#".repeat(1_000_001))).toContain("more than 1000000 characters");
    const many = `timeline: [${"{ fault: cutSockets },".repeat(10_001)}]`;
    expect(complaint(many)).toContain("at most 10000 items");
  });

  test("is read or refused, whatever it is", () => {
    fc.assert(fc.property(fc.string(), (text) => void complaint(text)));
    fc.assert(fc.property(fc.json(), (text) => void complaint(`timeline: [${text}]`)));
  });
});

test.each(builtInScenarios())("the scenario %s is valid, and called as its file", (name) => {
  expect(readScenario(readBuiltInScenario(name), `${name}.yaml`, "?")).toMatchObject({ name });
});

test.each([
  ["500ms", 500],
  ["10s", 10_000],
  ["2m", 120_000],
  ["1h", 3_600_000],
  ["1.5s", 1_500],
  ["0s", 0],
  ["10", undefined],
  ["s", undefined],
  ["-1s", undefined],
  ["169h", undefined],
  ["1d", undefined],
])("%s is %s ms", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test("no field of a fault hides one of a timeline", () => {
  const own = new Set(["at", "every", "times", "for", "socket", "channel", "publish", "clear"]);
  const hidden = faultNames.flatMap((name) =>
    Object.keys(faultSchemas[name].shape).filter((field) => own.has(field)),
  );
  expect(hidden).toEqual([]);
});

test("scenario.schema.json is current (scripts/mock-docs.ts)", () => {
  const file = new URL("../../scenario.schema.json", import.meta.url);
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(JSON.parse(scenarioJsonSchema()));
});
