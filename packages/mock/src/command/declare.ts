/** The command line of the mock, declared once: for `npx @trunkline/mock` and for `trunkline mock`. */
import { Option, type Command } from "commander";
import { declareCtl } from "./declare-ctl.ts";
import { legacyFaces } from "../legacy/faces.ts";
import { runMock, type Hints, type MockFlags } from "./run-mock.ts";
import type { MockSystem } from "./system.ts";
import { anyWhole, collect, instant, port, rate, speed, wholeNumber } from "./values.ts";

const sizeMax = 100_000;

/**
 * Gives a command the options of the mock, its `ctl` verbs and what they do.
 * @param name how it is called: `trunkline mock`
 * @param hints what to try next, below the introduction
 */
export function declareMock(
  command: Command,
  system: MockSystem,
  name: string,
  hints: Hints,
): Command {
  command
    .description("Run a mock Genesys Cloud to develop and test against.")
    .option("--port <port>", "port to listen on; 0 takes a free one", port, 9_080)
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option(
      "--control-host <name>",
      "another name of the mock, such as mock-gc; repeatable",
      collect,
    )
    .option("--json", "print addresses and credentials as one line of JSON, once it is ready")
    .optionsGroup("What it plays:")
    .option("--seed <number>", "the same seed plays the same contact centre (default: 1)", anyWhole)
    .option("--rate <events/s>", "how lively the contact centre is (default: 5)", rate)
    .addOption(
      new Option("--rhythm <rhythm>", "every hour alike, or as the hours of a day").choices([
        "flat",
        "day",
      ]),
    )
    .option(
      "--queues <number>",
      "queues of the contact centre (default: 6)",
      wholeNumber(sizeMax, 1),
    )
    .option("--agents <number>", "its agents (default: 30)", wholeNumber(sizeMax, 1))
    .option(
      "--region <region>",
      "the only region where the organisation lives: eu-central-1, mypurecloud.de",
    )
    .option("--setting <name=value>", "a setting of the model; repeatable", collect)
    .addOption(
      new Option(
        "--legacy [face]",
        "play the Event API of the threads too, which Genesys Cloud has not; all of it as one thread, by its number",
      )
        .choices(legacyFaces)
        .preset("by-path"),
    )
    .option("--scenario <name|file>", "what is to happen, from the first client on")
    .option("--replay <file>", "a captured stream to play, from the first listener on")
    .option("--replay-loop", "begin it again after its end")
    .optionsGroup("Time:")
    .option("--speed <factor>", "seconds of the cloud in one of its clients' (default: 1)", speed)
    .option("--start-at <instant>", "what its clock shows at the start (default: now)", instant)
    .option("--clock-reference <url>", "compare the clock with the Date of this server")
    .addHelpText("after", help(name))
    .action(async (_, self: Command) => {
      await runMock(self.opts<MockFlags>(), system, hints);
    });
  declareCtl(command.command("ctl"), system, `${name} ctl`);
  return command;
}

const help = (name: string): string => `
Environment:
  JWT_VALIDATION_MODE   strict, lenient or off: tokens are JWT, and are checked so
  CLOCK_REFERENCE_URL   as --clock-reference
  TZ                    does not move the clock; the start says so

Examples:
  ${name}
  ${name} --port 0 --json
  ${name} --seed 7 --rate 50
  ${name} --speed 60 --rhythm day
  ${name} --scenario flaky-network
  ${name} --legacy
  ${name} --legacy 003 --speed 10
  ${name} --replay captured.ndjson --speed 10
  ${name} --setting heartbeatMs=5000 --setting tokenExpiry=kills-channels
  ${name} ctl state
`;
