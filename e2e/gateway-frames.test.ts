/** What the gateway frames by itself reaches a client of the library whole and in order, with all that the library sends. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import type { WireEvents } from "../packages/relay/src/gateway/gateway.ts";
import type { Wire } from "../packages/relay/src/gateway/connection/wire.ts";
import { onEnd } from "../packages/cli/src/testing/processes.ts";
import { createAccept } from "../packages/relay/src/platform/sockets.ts";

const deaf: WireEvents = {
  onText: () => undefined,
  onBinary: () => undefined,
  onPong: () => undefined,
  onTooLarge: () => undefined,
  onEnd: () => undefined,
};

interface Heard {
  readonly texts: string[];
  readonly closed: Promise<unknown[]>;
}

/**
 * So many clients of one server, which does something with each wire as soon as all are open.
 *
 * @param bytes gets what comes over the network
 */
async function serve(
  count: number,
  work: (wires: readonly Wire[]) => void,
  bytes: Buffer[] = [],
): Promise<Heard[]> {
  const server = createServer();
  const accept = createAccept(1_000);
  const wires: Wire[] = [];
  server.on("upgrade", (request, socket, head) =>
    accept(request, socket, head, (wire) => {
      wires.push(wire);
      return deaf;
    }),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onEnd(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const heard: Heard[] = [];
  for (let index = 0; index < count; index++) {
    const client = new WebSocket(`ws://127.0.0.1:${port}`);
    const texts: string[] = [];
    client.on("message", (data: Buffer) => texts.push(data.toString()));
    client.on("upgrade", ({ socket }) => socket.on("data", (part: Buffer) => bytes.push(part)));
    client.on("ping", () => texts.push("(ping)"));
    heard.push({ texts, closed: once(client, "close") });
    await once(client, "open");
  }
  work(wires);
  return heard;
}

test("a text of any length comes whole, in the order of sending, to each socket", async () => {
  const lengths = [1, 125, 126, 127, 65_535, 65_536, 70_000];
  const texts = [...lengths.map((length) => "x".repeat(length)), "€ und 🚚", "é".repeat(63)];
  const heard = await serve(2, (wires) => {
    for (const text of texts) for (const wire of wires) wire.send(text);
    for (const wire of wires) wire.close(4503, "SHUTTING_DOWN");
  });
  for (const { texts: came, closed } of heard) {
    expect((await closed).map(String)).toEqual(["4503", "SHUTTING_DOWN"]);
    expect(came).toEqual(texts);
  }
});

test("what the library sends keeps its place, and nothing follows a close", async () => {
  const bytes: Buffer[] = [];
  const [heard] = await serve(
    1,
    ([wire]) => {
      wire?.send("before");
      wire?.ping();
      wire?.send("after");
      wire?.close(4503, "BYE");
      wire?.send("too late");
    },
    bytes,
  );
  expect((await heard?.closed)?.map(String)).toEqual(["4503", "BYE"]);
  expect(heard?.texts).toEqual(["before", "(ping)", "after"]);
  // A close frame with its code and its reason: the last of all bytes.
  const last = Buffer.concat([
    Buffer.from("after"),
    Buffer.from([0x88, 5, 4503 >> 8, 4503 & 0xff]),
    Buffer.from("BYE"),
  ]);
  expect(Buffer.concat(bytes).subarray(-last.length)).toEqual(last);
});

test("a socket that is cut with something unsent ends, and harms no other", async () => {
  const [cut, other] = await serve(2, ([first, second]) => {
    first?.send("lost");
    second?.send("kept");
    first?.cut();
    second?.close(4503, "SHUTTING_DOWN");
  });
  expect((await cut?.closed)?.map(String)).toEqual(["1006", ""]);
  await other?.closed;
  expect(other?.texts).toEqual(["kept"]);
});
