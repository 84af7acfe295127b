import type { Command } from "commander";
import { mock, type MockFlags } from "../commands/mock.ts";
import type { ConcealingSystem } from "../conceal.ts";
import { port, rate, refuseTrace, wholeNumber } from "./options.ts";

const seed = wholeNumber(Number.MAX_SAFE_INTEGER);

export function addMock(program: Command, system: ConcealingSystem): void {
  program
    .command("mock")
    .description("Run a mock Genesys Cloud to develop and test against.")
    .option("--port <port>", "port to listen on; 0 takes a free one", port, 9_080)
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--seed <number>", "the same seed plays the same contact centre (default: 1)", seed)
    .option("--rate <events/s>", "how lively the contact centre is (default: 5)", rate)
    .option("--json", "print addresses and credentials as one line of JSON, once it is ready")
    .addHelpText("after", examples)
    .action(async (_, command: Command) => {
      const flags = command.optsWithGlobals<MockFlags & { trace?: boolean }>();
      refuseTrace(flags, "mock connects to nothing");
      await mock(flags, system);
    });
}

const examples = `
Examples:
  trunkline mock
  trunkline mock --port 0 --json
  trunkline mock --seed 7 --rate 50
`;
