/** A TCP proxy in front of a server under test: it delays, cuts, and forgets connections. Loopback only. */
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

export interface Proxy {
  readonly url: string;
  /** Delay of each direction, in milliseconds. */
  latencyMs: number;
  /** Destroys every connection that is open now. */
  cut(): void;
  /** From now on open connections carry nothing, and neither end is told; new ones work. */
  forget(): void;
  /** Refuses new connections, or takes them again. */
  refuse(isRefusing: boolean): void;
  close(): Promise<void>;
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  forgotten: boolean;
}

export async function startProxy(target: string, latencyMs: number): Promise<Proxy> {
  const { hostname, port } = new URL(target);
  const pairs = new Set<Pair>();
  let isRefusing = false;
  const server = createServer((near) => {
    if (isRefusing) {
      near.destroy();
      return;
    }
    const far = connect(Number(port), hostname);
    const pair: Pair = { near, far, forgotten: false };
    pairs.add(pair);
    relay(near, far, pair);
    relay(far, near, pair);
    far.once("close", () => pairs.delete(pair));
  });
  const relay = (from: Socket, to: Socket, pair: Pair): void => {
    from.setNoDelay(true);
    const later = (act: () => void): void => {
      setTimeout(() => {
        if (!pair.forgotten && !to.destroyed) act();
      }, proxy.latencyMs);
    };
    from.on("data", (chunk) => later(() => to.write(chunk)));
    from.on("end", () => later(() => to.end()));
    from.on("error", () => later(() => to.destroy()));
    from.on("close", () => later(() => to.destroy()));
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const proxy: Proxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    latencyMs,
    cut: () => {
      for (const { near, far } of pairs) {
        near.resetAndDestroy();
        far.resetAndDestroy();
      }
    },
    forget: () => {
      for (const pair of pairs) pair.forgotten = true;
    },
    refuse: (refusing) => {
      isRefusing = refusing;
    },
    close: async () => {
      server.close();
      for (const { near, far } of pairs) {
        near.destroy();
        far.destroy();
      }
      await once(server, "close");
    },
  };
  return proxy;
}
