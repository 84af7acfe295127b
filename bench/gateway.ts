/**
 * What fanning out costs: 5,000 subscribers in ten groups, each event to one group. A bare `ws` loop and the relay's Event API
 * over a journal on disk, in turns, each with a crowd of its own in another process: messages a second at saturation, the
 * time from an event being readable in the journal to its arrival at half of that rate (and of the bare loop's), and the memory of a socket at rest.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { cpus } from "node:os";
import type { Stage } from "./gateway-stage.ts";
import type { Verdict } from "./run.ts";
import { median } from "./sender.ts";

const ratioMin = 0.6;
const p99MsMax = 25;
const bytesOfSocketMax = 30_000;

/** @throws Error where it fails: then its own words have been written */
async function run(kind: "floor" | "relay", ...args: readonly string[]): Promise<Stage> {
  const child = fork(new URL("gateway-stage.js", import.meta.url), [kind, ...args], {
    execArgv: ["--expose-gc"],
  });
  const failed = once(child, "exit").then(([code]): never => {
    throw new Error(`The ${kind} ended with ${code}.`);
  });
  const [stage] = (await Promise.race([once(child, "message"), failed])) as [Stage];
  failed.catch(() => undefined);
  await once(child, "exit");
  return stage;
}

/** @param rounds how often each is measured */
export async function gateway([rounds = "3"]: readonly string[]): Promise<Verdict> {
  const floors: Stage[] = [];
  const relays: Stage[] = [];
  // Taken in turns, so that a busy moment of the machine does not fall on one of them alone.
  for (let round = 0; round < Number(rounds); round++) {
    const floor = await run("floor");
    floors.push(floor);
    relays.push(await run("relay", String(floor.messagesPerS)));
  }
  const ratios = relays.map(({ messagesPerS }, round) =>
    Number((messagesPerS / (floors[round]?.messagesPerS ?? 0)).toFixed(3)),
  );
  const ratio = median(ratios);
  // At half of what a bare loop can do: beyond that the relay only gets by gathering messages, and those wait meanwhile.
  const p99Ms = median(relays.map(({ paced, pacedAsFloor }) => (pacedAsFloor ?? paced).p99Ms));
  const bytesOfSocket = median(relays.map(({ residentBytesOfSocket }) => residentBytesOfSocket));
  const figures = {
    machine: `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}`,
    source: "events appended to the journal by the relay's own process",
    floorPerS: floors.map(({ messagesPerS }) => messagesPerS),
    relayPerS: relays.map(({ messagesPerS }) => messagesPerS),
    ratios,
    ratioToFloor: ratio,
    bytesOfMessage: { floor: floors[0]?.bytesOfMessage, relay: relays[0]?.bytesOfMessage },
    readableToArrival: {
      p99Ms,
      relayAtHalfOfItself: relays.map(({ paced }) => paced),
      relayAtHalfOfFloor: relays.map(({ pacedAsFloor }) => pacedAsFloor),
      floorAtHalfOfItself: floors.map(({ paced }) => paced),
    },
    bytesOfIdleSocket: {
      resident: relays.map(({ residentBytesOfSocket }) => residentBytesOfSocket),
      heap: relays.map(({ heapBytesOfSocket }) => heapBytesOfSocket),
      floorResident: floors.map(({ residentBytesOfSocket }) => residentBytesOfSocket),
      floorHeap: floors.map(({ heapBytesOfSocket }) => heapBytesOfSocket),
    },
  };
  const missed = [
    ...(ratio < ratioMin ? [`relay / floor is ${ratio}, the bar is ${ratioMin}`] : []),
    ...(p99Ms > p99MsMax
      ? [`p99 at half of the floor's rate is ${p99Ms} ms, the bar is ${p99MsMax} ms`]
      : []),
    ...(bytesOfSocket > bytesOfSocketMax
      ? [`an idle subscriber takes ${bytesOfSocket} bytes, the bar is ${bytesOfSocketMax}`]
      : []),
  ];
  return { figures, missed };
}
