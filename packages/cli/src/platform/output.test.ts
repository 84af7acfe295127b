import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { createOutput, type StreamOutput } from "./output.ts";

class FakeStream extends Writable {
  readonly texts: string[] = [];
  readonly isTTY: boolean;
  readonly columns = 80;
  #held: (() => void) | undefined;
  failure: Error | undefined;

  constructor(isTTY = false) {
    super({ highWaterMark: 10, decodeStrings: false, autoDestroy: false });
    this.isTTY = isTTY;
  }

  override _write(text: string, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.texts.push(text);
    if (this.failure === undefined) this.#held = done;
    else done(this.failure);
  }

  /** The reader takes what there is. */
  read(): void {
    const held = this.#held;
    this.#held = undefined;
    held?.();
  }
}

function outputOf(stream: FakeStream, env = {}, onGone = (): void => {}): StreamOutput {
  return createOutput(stream, env, onGone);
}

const failure = (code: string): Error => Object.assign(new Error(code), { code });
const turn = (): Promise<void> =>
  new Promise((resolve) => {
    process.nextTick(() => process.nextTick(resolve));
  });

test("a write waits only when there is no room", async () => {
  const stream = new FakeStream();
  const output = outputOf(stream);
  expect(output.write("a")).toBeUndefined();
  const room = output.write("b".repeat(10));
  expect(room).toBeInstanceOf(Promise);
  stream.read();
  stream.read();
  await room;
  expect(stream.texts.join("")).toBe(`a${"b".repeat(10)}`);
});

test("when the reader goes away this is told once, and what follows is dropped", async () => {
  const stream = new FakeStream();
  let gone = 0;
  const output = outputOf(stream, {}, () => gone++);
  stream.failure = failure("EPIPE");
  await output.write("a".repeat(20));
  expect(output.write("b")).toBeUndefined();
  await turn();
  await output.flush();
  expect({ gone, texts: stream.texts.length }).toEqual({ gone: 1, texts: 1 });
});

test("a disk that is full is an error of the next write", async () => {
  const stream = new FakeStream();
  const output = outputOf(stream);
  stream.failure = failure("ENOSPC");
  await output.write("a".repeat(20));
  await turn();
  expect(() => output.write("b")).toThrow(
    expect.objectContaining({ code: "OUTPUT_FAILED", message: expect.stringContaining("ENOSPC") }),
  );
});

test.each([
  [true, {}, true],
  [false, {}, false],
  [true, { NO_COLOR: "1" }, false],
  [true, { NO_COLOR: "" }, true],
  [true, { TERM: "dumb" }, false],
])("on a terminal (%s) with %j there are colours: %s", (isTerminal, env, hasColours) => {
  const output = outputOf(new FakeStream(isTerminal), env);
  expect(output).toMatchObject({
    isTerminal,
    hasColours,
    columns: isTerminal ? 80 : undefined,
  });
});

test("what is handed over is taken, or nobody is there, or it has failed", async () => {
  const stream = new FakeStream();
  const output = outputOf(stream);
  const taken = output.hand("one");
  stream.read();
  expect(await taken).toBe("taken");
  const lost = output.hand("two");
  stream.emit("error", failure("EPIPE"));
  stream.read();
  expect(await lost).toBe("gone");
  expect(await output.hand("three")).toBe("gone");
  expect(stream.texts).toEqual(["one", "two"]);

  const full = new FakeStream();
  full.failure = failure("ENOSPC");
  await expect(outputOf(full).hand("one")).rejects.toMatchObject({ code: "OUTPUT_FAILED" });
});
