/** `trunkline mock`: what to try with a mock that runs. */
import type { RunningMock } from "@trunkline/mock";

/** Commands to paste, below the introduction. */
export function mockHints(running: RunningMock, commandName: string): string {
  return `
See its events from another terminal:

${tailCommand(running, commandName)}

Or store them in ./trunkline-data, and read what is stored with ${commandName} tail:

${pasteCommand(running, commandName, "run")}

Make something happen to it: ${commandName} mock ctl --help

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
