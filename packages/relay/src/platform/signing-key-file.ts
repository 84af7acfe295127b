/** The signing key on the disk: read, or made at the first start. The directory is held while this runs. */
import { randomUUID } from "node:crypto";
import { chmod, link, open, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { RelayError } from "../errors.ts";
import { newSigningKey, readSigningKey, type SigningKey } from "../gateway/access/signing-key.ts";

/** Who has the key can make tokens. */
const fileMode = 0o600;
const fileName = "signing-key.pem";
/** A key in PEM has some 120 characters. */
const charactersMax = 16_384;

export interface SigningKeyPlace {
  /** Absolute; it is there, and locked. */
  readonly dataDir: string;
  /** Absolute; undefined means the key in the data directory. */
  readonly signingKeyFile: string | undefined;
}

/** @throws RelayError SIGNING_KEY_INVALID, SIGNING_KEY_UNREADABLE */
export async function loadSigningKey(place: SigningKeyPlace): Promise<SigningKey> {
  const path = place.signingKeyFile ?? join(place.dataDir, fileName);
  try {
    if (place.signingKeyFile === undefined) await keepToOwner(path);
    return await readSigningKey(await read(path), path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isFirstStart = code === "ENOENT" && place.signingKeyFile === undefined;
    if (!isFirstStart) throw named(error, path);
  }
  try {
    await make(path);
    return await readSigningKey(await read(path), path);
  } catch (error) {
    throw named(error, path);
  }
}

async function read(path: string): Promise<string> {
  return (await readFile(path, "utf8")).slice(0, charactersMax);
}

/** Somebody may have copied the directory with other rights. */
async function keepToOwner(path: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & 0o777) !== fileMode) await chmod(path, fileMode);
}

/** Whole or not at all: a start that is cut off must not leave half a key, which would stop the next. */
async function make(path: string): Promise<void> {
  const aside = `${path}.${randomUUID()}.part`;
  try {
    const file = await open(aside, "wx", fileMode);
    try {
      await file.writeFile(newSigningKey());
      await file.sync();
    } finally {
      await file.close();
    }
    await link(aside, path);
  } finally {
    await rm(aside, { force: true });
  }
}

function named(error: unknown, path: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof RelayError || typeof code !== "string") return error;
  return new RelayError(
    "SIGNING_KEY_UNREADABLE",
    `The signing key ${path} cannot be read or made (${code}).`,
    { cause: error },
  );
}
