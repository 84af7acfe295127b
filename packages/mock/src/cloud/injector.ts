/** Injects faults into the model. Each fault is a method of its own name; `inject` dispatches. */
import { isSocketFault } from "./fault-book.ts";
import { targets, type FaultPorts } from "./fault-ports.ts";
import type {
  Fault,
  FaultMethods,
  FaultName,
  FaultReceipt,
  Faults,
  ImmediateFaults,
  StandingFaults,
} from "./faults.ts";
import { frameActs } from "./frame-acts.ts";
import { lifeActs } from "./life-acts.ts";

type StandingMethods = Pick<FaultMethods, keyof StandingFaults>;

export function createFaults(ports: FaultPorts): Faults {
  const { book } = ports;
  const { enableAgain, ...life } = lifeActs(ports);
  const immediate: Pick<FaultMethods, keyof ImmediateFaults> = { ...life, ...frameActs(ports) };
  const methods: FaultMethods = { ...standing(ports), ...immediate };
  return {
    ...methods,
    inject: <Name extends FaultName>(fault: Fault<Name>, nowMs: number) => {
      const { fault: name, ...parameters } = fault;
      // The parameters of a fault are those of the method of its name.
      return methods[name](parameters as never, nowMs);
    },
    list: () => book.list(),
    remove: (id) => book.remove(id),
    clear: () => {
      book.clear();
      enableAgain();
    },
  };
}

function standing(ports: FaultPorts): StandingMethods {
  const { book, sockets, ledger, settings, advance } = ports;
  const stand =
    <Name extends keyof StandingFaults>(name: Name) =>
    (parameters: StandingFaults[Name], nowMs: number): FaultReceipt => {
      const atMs = advance(nowMs);
      if (book.size >= settings.faultsMax) return { affected: 0 };
      const fault = { fault: name, ...parameters } as unknown as Fault<keyof StandingFaults>;
      ledger.note({ atMs, what: `fault-${name}`, detail: JSON.stringify(fault) });
      const id = book.add(fault);
      return { id, affected: isSocketFault(fault) ? targets(sockets, fault).length : 0 };
    };
  return {
    refuseUpgrades: stand("refuseUpgrades"),
    cutUpgrades: stand("cutUpgrades"),
    failRequests: stand("failRequests"),
    cutRequests: stand("cutRequests"),
    delayRequests: stand("delayRequests"),
    shiftDate: stand("shiftDate"),
    shiftClaims: stand("shiftClaims"),
    silence: stand("silence"),
    halfOpen: stand("halfOpen"),
    stopHeartbeats: stand("stopHeartbeats"),
    ignorePings: stand("ignorePings"),
    delayFrames: stand("delayFrames"),
    fragmentFrames: stand("fragmentFrames"),
    dropFrames: stand("dropFrames"),
    duplicateFrames: stand("duplicateFrames"),
    reorderFrames: stand("reorderFrames"),
    truncateFrames: stand("truncateFrames"),
  };
}
