/**
 * Packs what would be published and looks at it as a stranger would: installs the tarballs into
 * empty folders, loads them, runs the command. Prints a line a check and, last, `N passed, N failed`.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { browserBundle, bundleBytesMax } from "./browser-bundle.ts";

const root = resolve(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "trunkline-pack-"));
let passed = 0;
let failed = 0;

function run(command: string, args: readonly string[], cwd: string): string {
  return execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

function check(what: string, holds: () => void): void {
  try {
    holds();
    passed++;
    console.log(`ok      ${what}`);
  } catch (error) {
    failed++;
    const {
      stdout = "",
      stderr = "",
      message,
    } = error as Error & { stdout?: string; stderr?: string };
    console.log(`FAILED  ${what}\n${message}\n${stdout}${stderr}`);
  }
}

function expect(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

function emptyProject(name: string): string {
  const project = mkdtempSync(join(folder, `${name}-`));
  writeFileSync(join(project, "package.json"), JSON.stringify({ private: true, type: "module" }));
  return project;
}

/** In the order of their dependencies. */
const published = ["client", "events", "mock", "relay", "cli"];
const tarballs = new Map<string, string>();

for (const name of published) {
  check(`${name} packs`, () => {
    const [packed] = JSON.parse(
      run("npm", ["pack", "--json", "--pack-destination", folder], join(root, "packages", name)),
    ) as [{ filename: string; files: readonly { path: string }[] }];
    tarballs.set(name, join(folder, packed.filename));
    const files = packed.files.map(({ path }) => path);
    expect(files.includes("LICENSE"), "no LICENSE in the tarball");
    expect(files.includes("README.md"), "no README.md in the tarball");
    expect(
      files.some((file) => file === "dist/index.js"),
      "no dist/index.js in the tarball: build first",
    );
    const stray = files.filter((file) => /\.test\.|\/testing\/|tsbuildinfo/.test(file));
    expect(stray.length === 0, `tests in the tarball: ${stray.join(", ")}`);
  });
  check(`${name} is well formed (publint)`, () => {
    run("npx", ["--no-install", "publint", "run", tarballs.get(name) ?? "", "--strict"], root);
  });
  check(`${name} has types that resolve (attw)`, () => {
    run(
      "npx",
      ["--no-install", "attw", tarballs.get(name) ?? "", "--profile", "esm-only", "--no-emoji"],
      root,
    );
  });
}

check("client installs with one dependency, ws", () => {
  const project = emptyProject("client");
  run("npm", ["install", tarballs.get("client") ?? ""], project);
  const installed = readdirSync(join(project, "node_modules")).filter(
    (name) => !name.startsWith("."),
  );
  expect(
    installed.toSorted().join() === "@trunkline,ws",
    `node_modules holds ${installed.join(", ")}`,
  );
});

check("client loads by import and by require", () => {
  const project = emptyProject("load");
  run("npm", ["install", tarballs.get("client") ?? ""], project);
  const imported = run(
    process.execPath,
    [
      "--input-type=module",
      "-e",
      "import { createClient } from '@trunkline/client'; console.log(typeof createClient)",
    ],
    project,
  );
  expect(imported.trim() === "function", imported);
  const required = run(
    process.execPath,
    [
      "--input-type=commonjs",
      "-e",
      "console.log(typeof require('@trunkline/client').createClient)",
    ],
    project,
  );
  expect(required.trim() === "function", required);
});

check(
  "mock brings its scenarios, its schema for editors and the document of its control API",
  () => {
    const listed = run("tar", ["-tzf", tarballs.get("mock") ?? ""], folder).split("\n");
    for (const file of ["openapi.json", "scenario.schema.json", "scenarios/announced-close.yaml"])
      expect(listed.includes(`package/${file}`), `no ${file} in the tarball`);
  },
);

check("relay brings its specification and the schema for editors", () => {
  const listed = run("tar", ["-tzf", tarballs.get("relay") ?? ""], folder).split("\n");
  for (const file of ["package/SPEC.md", "package/trunkline.schema.json"])
    expect(listed.includes(file), `no ${file} in the tarball`);
});

// Everything from here on is one installation: that of somebody who has nothing but the tarballs.
const stranger = emptyProject("stranger");

function trunkline(...args: readonly string[]): string {
  const command = join(stranger, "node_modules", "@trunkline", "cli", "bin", "trunkline.js");
  return run(process.execPath, [command, ...args], stranger);
}

check("all install from tarballs into an empty folder", () => {
  run("npm", ["install", ...published.map((name) => tarballs.get(name) ?? "")], stranger);
});

check("cli says its version", () => {
  const version = trunkline("--version");
  expect(/^\d+\.\d+\.\d+$/.test(version.trim()), version);
});

check("each library loads by import", () => {
  const wanted = [
    "relay createRelay",
    "events eventTypes",
    "events/subscriber createEventSubscription",
    "mock createMock",
  ];
  for (const [name, exported] of wanted.map((each) => each.split(" "))) {
    const script = `import { ${exported} } from '@trunkline/${name}'; console.log(typeof ${exported})`;
    const type = run(process.execPath, ["--input-type=module", "-e", script], stranger).trim();
    expect(type === "function" || type === "object", `${exported} of ${name} is ${type}`);
  }
});

check("npx @trunkline/mock is called by the name of its package, and finds its scenarios", () => {
  const project = emptyProject("mock");
  run("npm", ["install", tarballs.get("mock") ?? ""], project);
  const npx = (...args: readonly string[]): string =>
    run("npx", ["--no-install", "@trunkline/mock", ...args], project);
  expect(/^\d+\.\d+\.\d+$/.test(npx("--version").trim()), "no version");
  expect(npx("ctl", "inject", "--help").includes("announceClosing"), "no help on faults");
  const started = `node_modules/.bin/trunkline-mock --port 0 --scenario burst --json > ready.json & mock=$!
    for try in $(seq 100); do [ -s ready.json ] && break; sleep 0.1; done
    kill $mock; cat ready.json`;
  const ready = JSON.parse(run("sh", ["-c", started], project)) as Record<string, unknown>;
  expect(ready["ready"] === true, JSON.stringify(ready));
});

const bundle = await browserBundle();
check(
  `the subscriber for browsers weighs ${bundle.gzipBytes} bytes by gzip, ${bundle.brotliBytes} by brotli, ${bundle.bytes} as it is; ${bundleBytesMax} are allowed`,
  () => {
    expect(bundle.gzipBytes <= bundleBytesMax, "it is heavier than that by gzip");
  },
);

check("trunkline demo balances its books", () => {
  const lines = trunkline("demo", "--for", "3s", "--json").trim().split("\n");
  const books = JSON.parse(lines.at(-1) ?? "") as Readonly<Record<string, unknown>>;
  expect(books["ok"] === true && books["lost"] === 0, JSON.stringify(books));
  expect(Number(books["delivered"]) > 0, "the demo delivered nothing");
});

check("trunkline init writes a configuration, once", () => {
  trunkline("init");
  const written = readFileSync(join(stranger, "trunkline.yaml"), "utf8");
  expect(/^trunks:$/m.test(written), "trunkline.yaml has no trunks");
  let isRefused = false;
  try {
    trunkline("init");
  } catch {
    isRefused = true;
  }
  expect(isRefused, "a second init has overwritten the first");
});

check("trunkline run has help", () => {
  const help = trunkline("run", "--help");
  for (const option of ["--config", "--data-dir", "--json"])
    expect(help.includes(option), `${option} is not in it`);
});

rmSync(folder, { recursive: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
