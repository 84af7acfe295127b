/**
 * What a line costs: bare `ws` receiving, the same with JSON.parse, and the client to its consumer,
 * from one sender in a process of its own, in one run. And the memory of 19 lines of 1,000 topics.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { cpus } from "node:os";
import { createClient } from "@trunkline/client";
import { WebSocket } from "ws";
import type { Verdict } from "./run.ts";
import { median, startFlood } from "./sender.ts";

const framesMax = 500_000;
const rounds = 5;
const ratioMin = 0.8;
const residentMbMax = 120;

/** Events per second, from the first frame to the last. */
class Meter {
  #count = 0;
  #startMs = 0;
  readonly #done = Promise.withResolvers<number>();

  tick(): void {
    if (this.#count === 0) this.#startMs = performance.now();
    this.#count++;
    if (this.#count === framesMax)
      this.#done.resolve((framesMax / (performance.now() - this.#startMs)) * 1_000);
  }

  get rate(): Promise<number> {
    return this.#done.promise;
  }
}

async function bare(parse: boolean): Promise<number> {
  const flood = await startFlood(framesMax);
  const meter = new Meter();
  const socket = new WebSocket(`ws://127.0.0.1:${flood.port}/channels/x`, {
    perMessageDeflate: false,
  });
  let sum = 0;
  socket.on("message", (data: Buffer) => {
    if (parse) sum += (JSON.parse(data.toString()) as { topicName: string }).topicName.length;
    meter.tick();
  });
  const rate = await meter.rate;
  if (parse && sum === 0) throw new Error("nothing was parsed");
  socket.terminate();
  flood.stop();
  return rate;
}

async function client(): Promise<number> {
  const flood = await startFlood(framesMax);
  const meter = new Meter();
  const line = createClient({
    baseUrl: `http://127.0.0.1:${flood.port}`,
    credentials: { clientId: "id", clientSecret: "secret" },
    topics: [flood.topic],
  });
  const consume = async (): Promise<void> => {
    for await (const event of line.events()) {
      if (event.type === "notification") meter.tick();
      else if (event.type === "gap" && event.cause !== "stopped")
        throw new Error(`a gap in the benchmark: ${event.cause}`);
    }
  };
  const consumed = consume();
  const rate = await Promise.race([
    meter.rate,
    consumed.then(() => Promise.reject(new Error("the stream ended"))),
  ]);
  await line.close();
  flood.stop();
  return rate;
}

async function residentMb(): Promise<number> {
  const child = fork(new URL("resident.js", import.meta.url));
  const [{ residentBytes, open }] = (await once(child, "message")) as [
    { residentBytes: number; open: number },
  ];
  if (open !== 19_000) throw new Error(`only ${open} topics were live`);
  return residentBytes / 1_000_000;
}

export async function line(): Promise<Verdict> {
  const receive: number[] = [];
  const parse: number[] = [];
  const ours: number[] = [];
  // Taken in turns, so that a busy moment of the machine does not fall on one of them alone.
  for (let round = 0; round < rounds; round++) {
    receive.push(await bare(false));
    parse.push(await bare(true));
    ours.push(await client());
  }
  const ratio = median(ours.map((rate, round) => rate / (parse[round] ?? 0)));
  const resident = await residentMb();
  const figures = {
    machine: `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}`,
    frames: framesMax,
    rounds,
    receivePerS: Math.round(median(receive)),
    receiveParsePerS: Math.round(median(parse)),
    clientPerS: Math.round(median(ours)),
    ratioToReceiveParse: Number(ratio.toFixed(3)),
    residentMbOf19Lines: Number(resident.toFixed(1)),
  };
  const missed = [
    ...(ratio < ratioMin
      ? [`client / (receive + parse) is ${ratio.toFixed(2)}, the bar is ${ratioMin}`]
      : []),
    ...(resident > residentMbMax
      ? [`19 lines take ${resident.toFixed(0)} MB, the bar is ${residentMbMax} MB`]
      : []),
  ];
  return { figures, missed };
}
