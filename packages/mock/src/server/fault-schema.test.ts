import { describe, expect, test } from "vitest";
import * as z from "zod";
import { Stage } from "../testing/stage.ts";
import { faultDescriptions, faultNames, faultSchemas, readFault } from "./fault-schema.ts";

describe("each fault", () => {
  test.each(faultNames)("%s has a text, a kind, and a text for every field", (name) => {
    const { text, kind, fields } = faultDescriptions[name];
    expect(text).toMatch(/\.$/u);
    const stage = new Stage();
    const standing = new Set(["standing", "immediate"]);
    expect(standing).toContain(kind);
    expect(stage.cloud.faults[name]).toBeTypeOf("function");
    for (const field of Object.values(fields)) expect(field.text).toMatch(/\.$/u);
    const schema = z.toJSONSchema(faultSchemas[name]);
    expect(schema.description).toBe(text);
    const properties: Record<string, { description?: string }> = JSON.parse(
      JSON.stringify(schema.properties),
    );
    expect(Object.keys(properties)).toEqual(["fault", ...Object.keys(fields)]);
    for (const [field, said] of Object.entries(fields)) {
      expect(properties[field]?.description).toBe(said.text);
      expect(schema.required?.includes(field)).toBe(said.required);
    }
  });

  test.each(faultNames)("%s stands, or is done at once, as it is described", (name) => {
    const least: Record<string, unknown> = {
      status: 500,
      ms: 1,
      fragments: 2,
      code: 1000,
      channelId: "c",
      clientId: "c",
      text: "x",
      bytes: 1,
      events: 1,
      topic: "v2.t",
      body: {},
    };
    const { kind, fields } = faultDescriptions[name];
    const needed = Object.entries(fields).filter(([, field]) => field.required);
    const read = readFault({
      fault: name,
      ...Object.fromEntries(needed.map(([field]) => [field, least[field]])),
    });
    const { cloud } = new Stage();
    const receipt = read.kind === "read" ? cloud.faults.inject(read.value, 0) : undefined;
    expect(receipt).toBeDefined();
    expect(cloud.faults.list()).toHaveLength(kind === "standing" ? 1 : 0);
    expect(receipt?.id === undefined).toBe(kind === "immediate");
  });
});

test.each([
  ['{"fault":"dropFrames","share":0}', "/share"],
  ['{"fault":"dropFrames","share":1.1}', "/share"],
  ['{"fault":"dropFrames","count":0}', "/count"],
  ['{"fault":"halfOpen","share":0.5}', "/share"],
  ['{"fault":"delayFrames"}', "/ms"],
  ['{"fault":"delayFrames","ms":-1}', "/ms"],
  ['{"fault":"fragmentFrames","fragments":1}', "/fragments"],
  ['{"fault":"sendGarbage","kind":"soup"}', "/kind"],
  ['{"fault":"sendHuge","bytes":67108865}', "/bytes"],
  ['{"fault":"burst","events":100001}', "/events"],
  ['{"fault":"shiftClaims","nbf":1}', "/nbf"],
  ['{"fault":"announceClosing","graceMs":"1"}', "/graceMs"],
])("%s is refused at %s", (json, path) => {
  expect(readFault(JSON.parse(json))).toMatchObject({ kind: "invalid", path });
});
