/** A TCP road on which everything takes a while, both ways. */
import { connect, createServer, type Socket } from "node:net";
import { once } from "node:events";

export interface Road {
  readonly port: number;
  readonly close: () => void;
}

/** @param oneWayMs how long a byte is under way in either direction */
export async function openRoad(toPort: number, oneWayMs: number): Promise<Road> {
  const sockets = new Set<Socket>();
  const carry = (from: Socket, to: Socket): void => {
    from.on("data", (chunk: Buffer) => void setTimeout(() => to.write(chunk), oneWayMs));
    from.on("end", () => void setTimeout(() => to.end(), oneWayMs));
    from.on("close", () => void setTimeout(() => to.destroy(), oneWayMs));
    from.on("error", () => undefined);
  };
  const server = createServer((near) => {
    // Its own way through takes as long as any: a connection is there a round trip after it was asked for.
    const far = connect(toPort, "127.0.0.1");
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
    }
    carry(near, far);
    carry(far, near);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
