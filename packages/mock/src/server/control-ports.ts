import type { Scenario } from "../scenario/scenario.ts";
import type { Life } from "./life.ts";

/** What the control API is asked about, and with. */
export interface ControlPorts {
  /** Names besides loopback names to which it answers. */
  readonly hosts: readonly string[];
  /** The only web page that may ask: its own. */
  readonly origin: (host: string) => string;
  readonly life: () => Life;
  readonly reset: () => void;
  readonly play: (scenario: string | Scenario) => Promise<void>;
  readonly parseScenario: (text: string) => Promise<Scenario>;
  readonly builtInScenarios: () => readonly string[];
}
