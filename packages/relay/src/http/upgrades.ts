/** Requests to upgrade, behind the same guards as all others. */
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { refuseUpgrade } from "../gateway/upgrade.ts";
import { refusedByGuard } from "./event-api.ts";
import type { Guard } from "./guards.ts";

/** Answers an upgrade, in any case. */
export type TakeUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => Promise<void>;

export function takeUpgrades(server: Server, guard: Guard, take: TakeUpgrade): void {
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const { method = "GET", headers } = request;
    const admission = guard.admit({ method, headers });
    if (admission.kind === "refused") {
      socket.on("error", () => undefined);
      refuseUpgrade(socket, refusedByGuard(admission));
      return;
    }
    void take(request, socket, head);
  });
}
