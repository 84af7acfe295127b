/**
 * Packs what would be published and looks at it as a stranger would: installs the tarballs into
 * empty folders, loads them, runs the command. Prints a line a check and, last, `N passed, N failed`.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

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

const published = ["client", "mock", "cli"];
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

check("cli installs from tarballs and says its version", () => {
  const project = emptyProject("cli");
  run("npm", ["install", ...published.map((name) => tarballs.get(name) ?? "")], project);
  const version = run(
    process.execPath,
    [join(project, "node_modules", "@trunkline", "cli", "bin", "trunkline.js"), "--version"],
    project,
  );
  expect(/^\d+\.\d+\.\d+$/.test(version.trim()), version);
});

rmSync(folder, { recursive: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
