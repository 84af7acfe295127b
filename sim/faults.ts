/** What can go wrong on the network and in the service. */
import type { Dice, SimClock } from "@trunkline/testkit";
import type { Network } from "./network.ts";

export interface CloudFault {
  readonly name: string;
  strike(network: Network, clock: SimClock, dice: Dice): void;
}

const second = 1_000;

function anySocket(network: Network, dice: Dice): number | undefined {
  const ids = network.socketIds();
  return ids.length === 0 ? undefined : dice.pick(ids);
}

function anyChannel(network: Network, dice: Dice): string | undefined {
  const { channels } = network.cloud.state();
  return channels.length === 0 ? undefined : dice.pick(channels).channelId;
}

/** Mostly short: what lasts hides everything else. */
export function aWhileMs(dice: Dice): number {
  return dice.pick([1, 1, 3, 10, 90]) * dice.between(0.3 * second, second);
}

/** Undoes a standing fault after a while. */
function forAWhile(network: Network, clock: SimClock, dice: Dice, id: number | undefined): void {
  if (id === undefined) return;
  clock.at(clock.monotonicMs() + aWhileMs(dice), () => network.cloud.faults.remove(id));
}

function outage(kind: "refused" | "swallowed"): CloudFault["strike"] {
  return (network, clock, dice) => {
    network.outage = kind;
    for (const id of network.socketIds()) {
      if (kind === "refused") network.cut(id);
      else network.forget(id);
    }
    clock.at(clock.monotonicMs() + aWhileMs(dice), () => {
      network.outage = "none";
    });
  };
}

export const cloudFaults: readonly CloudFault[] = [
  {
    name: "cut",
    strike: (network, _, dice) => {
      const id = anySocket(network, dice);
      if (id !== undefined) network.cut(id);
    },
  },
  {
    name: "half-open",
    strike: (network, _, dice) => {
      const id = anySocket(network, dice);
      if (id !== undefined) network.forget(id);
    },
  },
  { name: "outage", strike: outage("refused") },
  { name: "black hole", strike: outage("swallowed") },
  {
    name: "closed",
    strike: (network, _, dice) => {
      network.cloud.faults.closeSockets(
        { code: dice.pick([1000, 1001, 1011]), reason: "simulated" },
        network.cloudMs(),
      );
    },
  },
  {
    name: "announced close",
    strike: (network, _, dice) => {
      const graceMs = dice.pick([500, 5 * second, 20 * second, 60 * second, 60 * second]);
      network.cloud.faults.announceClosing({ graceMs }, network.cloudMs());
    },
  },
  {
    name: "announced close of one",
    strike: (network, _, dice) => {
      const socketId = anySocket(network, dice);
      if (socketId !== undefined)
        network.cloud.faults.announceClosing({ socketId }, network.cloudMs());
    },
  },
  {
    name: "latency",
    strike: (network, clock, dice) => {
      network.delayMs = dice.between(100, 3 * second);
      clock.at(clock.monotonicMs() + aWhileMs(dice), () => {
        network.delayMs = 0;
      });
    },
  },
  {
    name: "frames twice",
    strike: (network, clock, dice) => {
      const { id } = network.cloud.faults.duplicateFrames(
        { count: dice.int(1, 20), share: dice.pick([0.1, 1]) },
        network.cloudMs(),
      );
      forAWhile(network, clock, dice, id);
    },
  },
  {
    // A socket that has fallen silent never speaks again: what it did not carry, no client could know.
    name: "silence",
    strike: (network, _, dice) => {
      const socketId = anySocket(network, dice);
      if (socketId !== undefined) network.cloud.faults.silence({ socketId }, network.cloudMs());
    },
  },
  {
    name: "no pongs",
    strike: (network, clock, dice) => {
      const { id } = network.cloud.faults.ignorePings({}, network.cloudMs());
      forAWhile(network, clock, dice, id);
    },
  },
  {
    name: "channel gone",
    strike: (network, _, dice) => {
      const channelId = anyChannel(network, dice);
      if (channelId !== undefined)
        network.cloud.faults.dropChannel({ channelId }, network.cloudMs());
    },
  },
  {
    name: "channel expired",
    strike: (network, _, dice) => {
      const channelId = anyChannel(network, dice);
      if (channelId !== undefined)
        network.cloud.faults.expireChannel({ channelId }, network.cloudMs());
    },
  },
  {
    name: "channel evicted",
    strike: (network, _, dice) => {
      const channelId = anyChannel(network, dice);
      if (channelId === undefined) return;
      network.struck.add(channelId);
      network.cloud.faults.evictChannel({ channelId }, network.cloudMs());
    },
  },
  {
    name: "token expired",
    strike: (network, _, dice) => {
      const channelId = anyChannel(network, dice);
      if (channelId !== undefined)
        network.cloud.faults.expireToken({ channelId }, network.cloudMs());
    },
  },
  {
    name: "token revoked",
    strike: (network, _, dice) => {
      const channelId = anyChannel(network, dice);
      if (channelId !== undefined)
        network.cloud.faults.revokeToken({ channelId }, network.cloudMs());
    },
  },
  {
    name: "requests fail",
    strike: (network, clock, dice) => {
      const status = dice.pick([429, 500, 503]);
      const fault = {
        status,
        count: dice.int(1, 5),
        ...(status === 429 ? { retryAfterSeconds: dice.int(1, 30) } : {}),
      };
      const { id } = network.cloud.faults.failRequests(fault, network.cloudMs());
      forAWhile(network, clock, dice, id);
    },
  },
  {
    name: "requests cut",
    strike: (network, clock, dice) => {
      const { id } = network.cloud.faults.cutRequests(
        { when: dice.pick(["before", "after"]), count: dice.int(1, 5) },
        network.cloudMs(),
      );
      forAWhile(network, clock, dice, id);
    },
  },
  {
    name: "upgrades refused",
    strike: (network, clock, dice) => {
      const { id } = network.cloud.faults.refuseUpgrades(
        { status: dice.pick([401, 403, 404, 500, 502]), count: dice.int(1, 5) },
        network.cloudMs(),
      );
      forAWhile(network, clock, dice, id);
      outage("refused")(network, clock, dice);
      network.outage = "none";
    },
  },
  {
    name: "upgrades cut",
    strike: (network, clock, dice) => {
      const { id } = network.cloud.faults.cutUpgrades({ count: dice.int(1, 5) }, network.cloudMs());
      forAWhile(network, clock, dice, id);
    },
  },
  {
    name: "garbage",
    strike: (network, _, dice) => {
      const text = dice.pick([
        "",
        "{",
        "null",
        "[]",
        '{"topicName":7}',
        '{"topicName":"v2.users.x.presence"}',
        "\u0000",
      ]);
      network.cloud.faults.sendText({ text }, network.cloudMs());
    },
  },
  {
    name: "topics vanish",
    strike: (network, _, dice) => {
      const channelId = anyChannel(network, dice);
      if (channelId === undefined) return;
      const path = `/api/v2/notifications/channels/${channelId}/subscriptions`;
      network.ask("DELETE", path, network.login());
    },
  },
  {
    name: "second program",
    strike: (network, clock, dice) => {
      const channelId = anyChannel(network, dice);
      if (channelId === undefined) return;
      const upgrade = network.cloud.upgrade(`/channels/${channelId}`, network.cloudMs());
      if (upgrade.kind !== "accepted") return;
      clock.at(clock.monotonicMs() + dice.between(0, 30 * second), () =>
        network.cloud.closed(upgrade.socketId, network.cloudMs()),
      );
    },
  },
];
