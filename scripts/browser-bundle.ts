/** What a web page loads to subscribe: `@trunkline/events/subscriber` with all that it needs, minified. */
import { resolve } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build } from "vite";

const root = resolve(import.meta.dirname, "..");

/** It may weigh so much on its way to a browser, compressed by gzip. */
export const bundleBytesMax = 15_000;

export interface BrowserBundle {
  /** An ES module. */
  readonly code: string;
  readonly bytes: number;
  readonly gzipBytes: number;
  readonly brotliBytes: number;
}

/** @throws Error where it is made of anything but the package itself */
export async function browserBundle(): Promise<BrowserBundle> {
  const built = await build({
    configFile: false,
    logLevel: "error",
    root,
    build: {
      write: false,
      minify: true,
      target: "es2022",
      modulePreload: { polyfill: false },
      // Not as a library: of those Vite leaves the white space.
      rolldownOptions: {
        input: resolve(root, "packages/events/src/subscriber.ts"),
        preserveEntrySignatures: "strict",
      },
    },
  });
  const outputs = Array.isArray(built) ? built : [built];
  const chunks = outputs.flatMap((each) => ("output" in each ? each.output : []));
  const [chunk] = chunks;
  if (chunks.length !== 1 || chunk?.type !== "chunk" || chunk.imports.length > 0)
    throw new Error(
      `The bundle is not one module: ${chunks.map(({ fileName }) => fileName).join()}`,
    );
  const { code } = chunk;
  return {
    code,
    bytes: Buffer.byteLength(code),
    gzipBytes: gzipSync(code, { level: 9 }).length,
    brotliBytes: brotliCompressSync(code).length,
  };
}
