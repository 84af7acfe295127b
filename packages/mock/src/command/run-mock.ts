/** Runs a mock until it is asked to stop. */
import { legacyPaths, type LegacyFace } from "../legacy/faces.ts";
import type { MockOptions } from "../server/options.ts";
import type { RunningMock } from "../server/mock.ts";
import { clockLines, reportClock, type ClockReport } from "./clock-report.ts";
import { readSettings, settingsOfEnv } from "./settings.ts";
import { aborted, type MockSystem } from "./system.ts";

export interface MockFlags {
  readonly port: number;
  readonly host: string;
  readonly seed?: number;
  readonly rate?: number;
  readonly rhythm?: "flat" | "day";
  readonly speed?: number;
  readonly startAt?: number;
  readonly queues?: number;
  readonly agents?: number;
  readonly region?: string;
  readonly legacy?: LegacyFace;
  readonly scenario?: string;
  readonly replay?: string;
  readonly replayLoop?: boolean;
  readonly setting?: readonly string[];
  readonly controlHost?: readonly string[];
  readonly clockReference?: string;
  readonly json?: boolean;
}

/** What to try next, below the introduction. */
export type Hints = (running: RunningMock) => string;

/** @throws MockError */
export async function runMock(flags: MockFlags, system: MockSystem, hints: Hints): Promise<void> {
  const { createMock } = await import("../server/mock.ts");
  await using running = await createMock(await optionsOf(flags, system.env));
  const reference = flags.clockReference ?? (system.env["CLOCK_REFERENCE_URL"] || undefined);
  const report = await reportClock(() => running.nowMs(), reference, system);
  const isJwt = running.cloud.settings.tokenFormat === "jwt";
  const lines = clockLines(report, reference, isJwt);
  await system.stdout.write(
    flags.json === true
      ? readyLine(running, report)
      : introduction(running, system, lines) + hints(running),
  );
  await aborted(system.stop);
}

async function optionsOf(flags: MockFlags, env: MockSystem["env"]): Promise<MockOptions> {
  const { startAt, setting, controlHost, replay, replayLoop, json: _, ...same } = flags;
  const settings = { ...settingsOfEnv(env), ...(await readSettings(setting ?? [])) };
  const { loadCapture } = await import("../server/load.ts");
  const capture = replay === undefined ? undefined : await loadCapture(replay, replayLoop === true);
  return {
    ...same,
    ...(Object.keys(settings).length === 0 ? {} : { settings }),
    ...(startAt === undefined ? {} : { startAtMs: startAt }),
    ...(controlHost === undefined ? {} : { controlHosts: controlHost }),
    ...(capture === undefined ? {} : { replay: capture }),
  };
}

const legacyNotice =
  "This is NOT Genesys Cloud, which has no such service: it fails as five threads told of it (docs/MOCK.md).";

/** What a program needs to use the mock, on one line. */
function readyLine(running: RunningMock, clock: ClockReport): string {
  const { apiUrl, loginUrl, clientId, clientSecret, controlUrl } = running;
  const { legacy: face } = running.cloud.settings;
  const legacy =
    face === "off" ? {} : { legacy: { face, paths: legacyPaths, notice: legacyNotice } };
  const about = { ready: true, apiUrl, loginUrl, clientId, clientSecret, controlUrl, clock };
  const ready = { ...about, ...legacy };
  return `${JSON.stringify(ready)}\n`;
}

function introduction(
  running: RunningMock,
  { stdout }: MockSystem,
  clock: readonly string[],
): string {
  const bold = (text: string): string => (stdout.hasColours ? `\u001B[1m${text}\u001B[22m` : text);
  const { apiUrl, clientId, clientSecret, controlUrl, scenario, cloud } = running;
  const plays =
    scenario.name === undefined
      ? ""
      : `\n  scenario        ${scenario.name}, from the first client on`;
  const { legacy: face } = cloud.settings;
  const legacy = face === "off" ? "" : legacyLines(face, bold);
  const told = clock.map((line) => `\n${line}\n`).join("");
  return `${bold("A mock Genesys Cloud is running.")} No account is needed.

  API and login   ${apiUrl}
  client id       ${clientId}
  client secret   ${clientSecret}
  control API     ${controlUrl}${plays}
${legacy}${told}`;
}

/** Nobody is to take these paths for the public service. */
function legacyLines(face: LegacyFace, bold: (text: string) => string): string {
  const which = face === "by-path" ? "" : `, all as thread ${face}`;
  return `
${bold(`The legacy face is on${which}:`)} ${legacyPaths.join(", ")}
${legacyNotice}
`;
}
