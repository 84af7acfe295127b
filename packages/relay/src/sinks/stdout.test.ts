import { settled } from "@trunkline/testkit";
import { expect, test } from "vitest";
import { RelayError } from "../errors.ts";
import { sampleBatch, describeSink, type SinkStage } from "../testing/sink-conformance.ts";
import { sampleEvent, sampleGap } from "../testing/sample-entries.ts";
import { createStdoutSink, type OutputDoor } from "./stdout.ts";

const never = new AbortController().signal;

/** A pipe whose reader may stand still, or be gone; what is written stays in it, as in a stream. */
class FakePipe implements OutputDoor {
  text = "";
  mood: "reads" | "stands" | "fails" | "gone" = "reads";
  #waiting: { readonly text: string; readonly resolve: () => void }[] = [];

  write(text: string): Promise<void> {
    if (this.mood === "gone")
      return Promise.reject(new RelayError("SINK_OUTPUT_GONE", "Nobody reads the output."));
    if (this.mood === "fails") return Promise.reject(new Error("EIO swordfish"));
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ text, resolve });
    if (this.mood === "reads") this.read();
    return promise;
  }

  read(): void {
    for (const { text, resolve } of this.#waiting.splice(0)) {
      this.text += text;
      resolve();
    }
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get cursors(): readonly string[] {
    return this.text
      .split("\n")
      .slice(0, -1)
      .map((line) => (JSON.parse(line) as { cursor: string }).cursor);
  }
}

function createStage(): Promise<SinkStage> {
  const pipe = new FakePipe();
  return Promise.resolve({
    sink: createStdoutSink(pipe),
    arrived: () => Promise.resolve(pipe.cursors),
    harm: (harm) => {
      pipe.mood = harm === "hangs" ? "stands" : harm === "gone" ? "gone" : "fails";
      return Promise.resolve();
    },
    heal: () => {
      pipe.mood = "reads";
      pipe.read();
      return settled();
    },
    end: () => Promise.resolve(),
  });
}

describeSink("stdout", createStage, { harms: ["unreachable", "fails", "hangs", "gone"] });

test("a reader that stands still and comes back gets everything once, and fills no memory", async () => {
  const pipe = new FakePipe();
  const sink = createStdoutSink(pipe);
  const entries = sampleBatch(1, 5);
  pipe.mood = "stands";
  for (let attempt = 0; attempt < 20; attempt++) {
    const abort = new AbortController();
    const writing = sink.write(entries, abort.signal);
    await settled();
    abort.abort();
    expect(await writing).toMatchObject({ kind: "retry", error: { code: "SINK_OUTPUT_STALLED" } });
  }
  expect(pipe.waiting).toBe(1);
  pipe.mood = "reads";
  pipe.read();
  await settled();
  expect(await sink.write(sampleBatch(1, 8), never)).toEqual({ kind: "written", refused: [] });
  expect(pipe.cursors).toEqual(sampleBatch(1, 8).map(({ cursor }) => cursor));
  // Whoever rewinds gets it again.
  await sink.write(entries, never);
  expect(pipe.cursors).toHaveLength(13);
});

test("in the format of Genesys the frames go out as they came, and gaps do not", async () => {
  const pipe = new FakePipe();
  const sink = createStdoutSink(pipe, { format: "genesys" });
  const outcome = await sink.write([sampleEvent(1, { raw: '{"a":1}' }), sampleGap(2)], never);
  expect(outcome).toEqual({ kind: "written", refused: [] });
  expect(pipe.text).toBe('{"a":1}\n');
});
