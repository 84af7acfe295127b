import { expect, test } from "vitest";
import { createStage } from "./testing/stage.ts";

test.each([
  ["bare", "a s3cr&t-s3cr&t b", "a [client secret] b"],
  ["twice", "s3cr&t-s3cr&t s3cr&t-s3cr&t", "[client secret] [client secret]"],
  ["in a URL", "?x=s3cr%26t-s3cr%26t", "?x=[client secret]"],
  ["in base64", Buffer.from("s3cr&t-s3cr&t").toString("base64"), "[client secret]"],
])("a secret is not written %s", (_, text, shown) => {
  const { system, err } = createStage();
  system.stderr.hide("s3cr&t-s3cr&t", "client secret");
  void system.stderr.write(text);
  expect(err()).toBe(shown);
});

test("what is too short to be a secret is not looked for", () => {
  const { system, err } = createStage();
  system.stderr.hide("e", "client secret");
  void system.stderr.write("error");
  expect(err()).toBe("error");
});
