/** One life of the mock, from its start or reset to the next: a cloud with its clock, plan, timer and sockets. */
import { createCloud } from "../cloud/cloud.ts";
import type { Cloud, CloudOptions } from "../cloud/contract.ts";
import { machineClock } from "../platform/clock.ts";
import type { Capture } from "../replay/capture.ts";
import { createDirector, type Director } from "../scenario/director.ts";
import { createAlarm } from "./alarm.ts";
import { SocketBank } from "./socket-bank.ts";

export interface Life {
  /** With what is planned happening to it. */
  readonly cloud: Cloud;
  readonly director: Director;
  readonly bank: SocketBank;
  readonly speed: number;
  /** How often the world had been made anew when this began. */
  readonly resets: number;
  readonly clients: CloudOptions["clients"];
  nowMs(): number;
  /** Cuts every socket; nothing happens any more. */
  end(): void;
}

/** Throws `MockError` with code `OPTION_INVALID`. */
export function beginLife(
  resets: number,
  options: Omit<CloudOptions, "onEarlierDeadline">,
  capture: Capture | undefined,
  limits: ConstructorParameters<typeof SocketBank>[0],
): Life {
  const { startAtMs, speed = 1, clients } = options;
  const elapsedMs = machineClock.stopwatch();
  const nowMs = (): number => Math.floor(startAtMs + elapsedMs() * speed);
  const bank = new SocketBank(limits);
  const alarm = createAlarm(nowMs, machineClock, speed);
  const onEarlier = (): void => alarm.arm();
  const model = createCloud({ ...options, onEarlierDeadline: onEarlier }, (effect) =>
    bank.perform(effect),
  );
  const director = createDirector(model, { capture, onEarlier });
  const { cloud } = director;
  alarm.watch(cloud);
  bank.serve(cloud, nowMs);
  return {
    cloud,
    director,
    bank,
    speed,
    resets,
    clients,
    nowMs,
    end() {
      alarm.stop();
      bank.close();
    },
  };
}
