import { SimClock } from "@trunkline/testkit";
import { expect, test } from "vitest";
import { FakeDisk } from "../testing/fake-disk.ts";
import { brokenSink, fileSink } from "../testing/relay-stage.ts";
import { sampleEvent } from "../testing/sample-entries.ts";
import { createSink, type SinkDoors } from "./create.ts";

const webhookHttp: SinkDoors["webhookHttp"] = () => ({
  send: () => Promise.reject(new Error("there is no network here")),
  close: () => undefined,
});

function doors(): { readonly doors: SinkDoors; readonly files: FakeDisk; readonly out: string[] } {
  const files = new FakeDisk("/out");
  const out: string[] = [];
  const output = { write: async (text: string) => void out.push(text) };
  return { doors: { clock: new SimClock(0), output, files, webhookHttp }, files, out };
}

const { signal } = new AbortController();

test("each type becomes its sink, and touches nothing before it is opened", async () => {
  const { doors: ports, files, out } = doors();
  const toFile = createSink(fileSink("archive"), ports);
  const toOutput = createSink({ ...fileSink("out"), type: "stdout" }, ports);
  expect([files.log, out]).toEqual([[], []]);
  await toFile.open(signal);
  await toFile.write([sampleEvent(1)], signal);
  await toFile.close();
  await toOutput.open(signal);
  await toOutput.write([sampleEvent(2)], signal);
  expect(files.text("/out/archive.ndjson")).toMatch(/-1"/u);
  expect(out.join("")).toMatch(/-2"/u);
});

test("a webhook that cannot be is refused when it is made", () => {
  expect(() => createSink(brokenSink("hook"), doors().doors)).toThrow(
    expect.objectContaining({ code: "TEMPLATE_INVALID" }),
  );
});
