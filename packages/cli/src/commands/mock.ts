/** `trunkline mock`: a Genesys Cloud to develop against, until it is stopped. */
import { createMock, type RunningMock } from "@trunkline/mock";
import { palette } from "../print/colours.ts";
import { aborted, type System } from "../system.ts";

export interface MockFlags {
  readonly port: number;
  readonly host: string;
  readonly seed?: number;
  readonly rate?: number;
  readonly json?: boolean;
}

/** @throws MockError PORT_TAKEN and its kin */
export async function mock(flags: MockFlags, system: System): Promise<void> {
  const { port, host, seed, rate, json } = flags;
  await using running = await createMock({
    port,
    host,
    ...(seed === undefined ? {} : { seed }),
    ...(rate === undefined ? {} : { rate }),
  });
  await system.stdout.write(json === true ? readyLine(running) : introduction(running, system));
  await aborted(system.stop);
}

/** What a program needs to use the mock, on one line. */
function readyLine({ apiUrl, loginUrl, clientId, clientSecret, controlUrl }: RunningMock): string {
  const ready = { ready: true, apiUrl, loginUrl, clientId, clientSecret, controlUrl };
  return `${JSON.stringify(ready)}\n`;
}

function introduction(running: RunningMock, system: System): string {
  const { bold } = palette(system.stdout.hasColours);
  const { apiUrl, clientId, clientSecret, controlUrl } = running;
  return `${bold("A mock Genesys Cloud is running.")} No account is needed.

  API and login   ${apiUrl}
  client id       ${clientId}
  client secret   ${clientSecret}
  control API     ${controlUrl}

See its events from another terminal:

${tailCommand(running, system.commandName)}

Or store them in ./trunkline-data, and read what is stored with ${system.commandName} tail:

${pasteCommand(running, system.commandName, "run")}

Ctrl-C stops it.
`;
}

/** A command to paste, which tails one topic of a mock. */
export function tailCommand(running: RunningMock, commandName: string): string {
  return pasteCommand(running, commandName, "tail --direct");
}

function pasteCommand(running: RunningMock, commandName: string, verb: string): string {
  const { apiUrl, clientId, clientSecret } = running;
  const [topic = "v2.routing.queues.<queue id>.conversations"] = running.sampleTopics(1);
  return `  GC_CLIENT_ID=${clientId} GC_CLIENT_SECRET=${clientSecret} \\
    ${commandName} ${verb} --base-url ${apiUrl} \\
    --topic ${topic}`;
}
