/**
 * Mends the end of a file after a crash. A line without its end is the beginning of an entry whose
 * write was never confirmed: the cursor stands before it, and it will be written again, whole. So it is
 * cut off; ended where it is, it would be a line that no reader can parse. But what does not look like
 * ours is not ours to cut: that gets the line end that it lacks.
 */
import type { OpenFile } from "./file-door.ts";

const blockBytes = 65_536;
const lineEnd = 0x0a;
const nul = 0x00;
/** Every line of ours begins so. */
const beginning = Buffer.from('{"type":"');

/** Returns what was done. */
export async function repairEnd(file: OpenFile): Promise<"whole" | "cut" | "ended"> {
  const { bytes } = await file.stat();
  if (bytes === 0) return "whole";
  const [last] = await file.read(bytes - 1, 1);
  if (last === lineEnd) return "whole";
  const start = await lastLineStart(file, bytes);
  const line = await file.read(start, beginning.length);
  if (isOurs(line)) {
    await file.truncate(start);
    await file.sync();
    return "cut";
  }
  await file.append(Uint8Array.of(lineEnd));
  await file.sync();
  return "ended";
}

/** A loss of power may leave zeros where data was promised. */
function isOurs(line: Uint8Array): boolean {
  return line[0] === nul || beginning.subarray(0, line.length).equals(line);
}

async function lastLineStart(file: OpenFile, bytes: number): Promise<number> {
  for (let end = bytes; end > 0;) {
    const start = Math.max(0, end - blockBytes);
    const block = await file.read(start, end - start);
    const at = block.lastIndexOf(lineEnd);
    if (at >= 0) return start + at + 1;
    end = start;
  }
  return 0;
}
