import { declareMock } from "@trunkline/mock";
import type { Command } from "commander";
import { mockHints } from "../commands/mock.ts";
import type { ConcealingSystem } from "../conceal.ts";
import { refuseTrace } from "./options.ts";

/** Its options and verbs are declared by the mock itself, whose own command has the same. */
export function addMock(program: Command, system: ConcealingSystem): void {
  declareMock(program.command("mock"), system, "trunkline mock", (running) =>
    mockHints(running, system.commandName),
  ).hook("preAction", () => {
    refuseTrace(program.opts<{ trace?: boolean }>(), "mock connects to nothing");
  });
}
