/** House rules that no linter knows. Each failure names the file and the rule. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

const root = import.meta.dirname;
const linesMax = 400;

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

interface Source {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly room: string;
  readonly isTest: boolean;
}

const tracked = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\n")
  .filter((path) => path !== "" && existsSync(join(root, path)));

const sources: readonly Source[] = tracked
  .filter((path) => path.endsWith(".ts"))
  .map((path) => ({
    path,
    text: readFileSync(join(root, path), "utf8"),
    room: path.startsWith("packages/")
      ? path.split("/").slice(0, 2).join("/")
      : (path.split("/")[0] ?? ""),
    isTest: path.endsWith(".test.ts") || path.includes("/testing/"),
  }));

const packages = new Map(
  readdirSync(join(root, "packages")).map((name) => [
    `packages/${name}`,
    manifest(join(root, "packages", name)),
  ]),
);

function manifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

/** `@trunkline/events/direct` → the source behind it, for each entrance that a package exports. */
const entrances = new Map(
  [...packages].flatMap(([room, { name, exports }]) =>
    Object.entries(exports ?? {}).flatMap(([subpath, entry]) =>
      typeof entry === "string"
        ? []
        : [[join(name, subpath), join(room, entry["@trunkline/source"] ?? "")] as const],
    ),
  ),
);

function specifiers({ text }: Source): readonly string[] {
  const pattern =
    /^\s*(?:import|export)\b[^;"']*?from\s*["']([^"']+)["']|^\s*import\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm;
  return [...text.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
}

function packageOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

function offenders(rule: (source: Source) => readonly string[]): readonly string[] {
  return sources.flatMap((source) => rule(source).map((what) => `${source.path} → ${what}`));
}

test("the rules look at something", () => {
  expect(sources.length).toBeGreaterThan(50);
  expect(sources.flatMap(specifiers).length).toBeGreaterThan(200);
});

test("packages import only what they declare", () => {
  const undeclared = offenders((source) => {
    const own = packages.get(source.room);
    if (own === undefined) return [];
    const { dependencies, peerDependencies, devDependencies } = own;
    const declared = new Set(
      Object.keys({
        ...dependencies,
        ...peerDependencies,
        ...(source.isTest ? devDependencies : {}),
      }),
    );
    if (source.isTest) for (const name of ["vitest", "fast-check"]) declared.add(name);
    return specifiers(source)
      .filter((specifier) => !specifier.startsWith(".") && !specifier.startsWith("node:"))
      .map(packageOf)
      .filter((name) => !declared.has(name));
  });
  expect(undeclared).toEqual([]);
});

test("packages depend in one direction: client ◄ events ◄ relay ◄ cli, and mock stands alone", () => {
  const allowed: Readonly<Record<string, readonly string[]>> = {
    client: [],
    mock: [],
    testkit: [],
    events: ["client"],
    relay: ["client", "events"],
    cli: ["client", "events", "relay", "mock"],
  };
  const wrong = [...packages.values()].flatMap(({ name, dependencies }) =>
    Object.keys(dependencies ?? {})
      .filter((dependency) => dependency.startsWith("@trunkline/"))
      .filter(
        (dependency) =>
          !allowed[name.slice("@trunkline/".length)]?.includes(
            dependency.slice("@trunkline/".length),
          ),
      )
      .map((dependency) => `${name} → ${dependency}`),
  );
  expect(wrong).toEqual([]);
});

test("the client depends on ws alone, and only its platform touches it", () => {
  expect(Object.keys(packages.get("packages/client")?.dependencies ?? {})).toEqual(["ws"]);
  const elsewhere = offenders((source) =>
    source.room === "packages/client" && !source.isTest && !source.path.includes("/platform/")
      ? specifiers(source).filter(
          (specifier) => specifier === "ws" || /^node:(?!crypto$)/.test(specifier),
        )
      : [],
  );
  expect(elsewhere).toEqual([]);
});

test("only wiring imports a platform", () => {
  const wiring =
    /^packages\/(client\/src\/(client|index)|events\/src\/subscriber\/(gateway\/gateway|token-source)|relay\/src\/(relay|index)|mock\/src\/(main|server\/[^/]+)|cli\/src\/main)\.ts$/;
  const elsewhere = offenders((source) =>
    source.isTest ||
    !source.path.startsWith("packages/") ||
    source.path.includes("/platform/") ||
    wiring.test(source.path)
      ? []
      : specifiers(source).filter((specifier) => specifier.includes("/platform/")),
  );
  expect(elsewhere).toEqual([]);
});

test("machines are pure: they import types and pure neighbours", () => {
  const machine =
    /^packages\/(client\/src\/session\/|events\/src\/subscriber\/gateway\/(machine|state|live|progress|refusal|setback)\.ts|relay\/src\/delivery\/(machine|state|phases|flow|settle|window)\.ts)/;
  const impure = offenders((source) =>
    machine.test(source.path) && !source.isTest
      ? [...source.text.matchAll(/^import (?!type)[^;]*?from "([^"]+)";/gms)]
          .map((match) => match[1] ?? "")
          .filter(
            (specifier) =>
              !/^\.\/|unreachable|^(\.\.\/){1,2}errors\.ts$|^\.\.\/cursor\.ts$/.test(specifier),
          )
      : [],
  );
  expect(impure).toEqual([]);
});

test("packages keep their hands off clock, dice, console and process outside platform", () => {
  const stray =
    /\b(setTimeout|setInterval|setImmediate|performance\.now|Date\.now|Math\.random|console\.\w+|process\.(?!ts\b)\w+|new Date\(\))/g;
  const found = offenders((source) => {
    const exempt =
      source.isTest || source.path.includes("/platform/") || source.room === "packages/testkit";
    if (exempt || !source.path.startsWith("packages/")) return [];
    const code = source.text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
    return [...code.matchAll(stray)].map((match) => match[0]);
  });
  expect(found).toEqual([]);
});

test("a file fits a screen or three", () => {
  const long = offenders(({ text, path, isTest }) => {
    const lines = text.split("\n").length;
    return isTest || path.includes("/data/") || lines <= linesMax ? [] : [`${lines} lines`];
  });
  expect(long).toEqual([]);
});

test("imports inside a package are relative, end in .ts, and pass no barrel", () => {
  const wrong = offenders((source) =>
    specifiers(source).filter((specifier) => {
      if (specifier.startsWith("."))
        return !/\.(ts|json)$/.test(specifier) || specifier.endsWith("/index.ts");
      return specifier.startsWith("@trunkline/") && !entrances.has(specifier);
    }),
  ).filter((line) => !line.startsWith("bench/"));
  expect(wrong).toEqual([]);
});

test("every source file is reached from an entrance; one that only its test reaches is dead", () => {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const reached = new Set<string>();
  const queue = sources
    .filter(
      ({ path, isTest }) =>
        !isTest && (!path.startsWith("packages/") || /\/src\/(index|main)\.ts$/.test(path)),
    )
    .map(({ path }) => path)
    .concat([...entrances.values()]);
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const source = byPath.get(path);
    if (source === undefined || reached.has(path)) continue;
    reached.add(path);
    for (const specifier of specifiers(source)) {
      if (specifier.startsWith("."))
        queue.push(relative(root, resolve(root, dirname(path), specifier)));
    }
  }
  expect(
    sources.filter(({ path, isTest }) => !isTest && !reached.has(path)).map(({ path }) => path),
  ).toEqual([]);
});

test("names say what a thing is: no utils, helpers, misc or common", () => {
  expect(
    tracked.filter((path) => /(^|\/)(utils?|helpers?|misc|common)(\.ts|\/)/.test(path)),
  ).toEqual([]);
});

test("no test is skipped, focused or left to do", () => {
  const idle = /\b(?:it|test|describe)\.(?:skip|only|todo)\b/;
  expect(
    offenders(({ text, path }) =>
      path !== "tidy.test.ts" && idle.test(text) ? ["skip, only or todo"] : [],
    ),
  ).toEqual([]);
});

test("nothing tracked names a machine's paths or a registry", () => {
  const machine = /(?:^|[^A-Za-z0-9_.])\/(?:work|farm|root|home\/\w+)\//m;
  const registry = /"resolved":\s*"https?:|registry\.(?:npmjs|yarnpkg)\./;
  const found = tracked
    .filter(
      (path) =>
        path !== "tidy.test.ts" && /\.(ts|js|json|md|ya?ml|sh)$|(^|\/)\.[^/]+$|\.ci\//.test(path),
    )
    .filter((path) => {
      const text = readFileSync(join(root, path), "utf8");
      return machine.test(text) || registry.test(text);
    });
  expect(found).toEqual([]);
});

test("the lock knows every command, or npm would not link it", () => {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, { readonly bin?: object }>>;
  };
  for (const [folder, { bin }] of packages)
    expect([folder, lock.packages[folder]?.bin]).toEqual([folder, bin]);
});

test("every published package carries the licence and one version", () => {
  const licence = readFileSync(join(root, "LICENSE"), "utf8");
  const versions = new Set<string>();
  for (const [folder, { private: isPrivate }] of packages) {
    versions.add(
      (JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as { version: string })
        .version,
    );
    if (isPrivate === true) continue;
    expect([folder, readFileSync(join(root, folder, "LICENSE"), "utf8")]).toEqual([
      folder,
      licence,
    ]);
  }
  expect(versions.size).toBe(1);
});
