#!/usr/bin/env node
const nodeMajorMin = 24;
const { node } = process.versions;

if (Number.parseInt(node, 10) < nodeMajorMin) {
  // npm only warns of a Node that is too old, and what breaks when the rest is loaded looks like a bug.
  process.stderr.write(
    `error NODE_TOO_OLD: This is Node.js ${node}; the mock needs ${nodeMajorMin} or later.\n` +
      "  → Install a later one, or run the mock in a container: docs/MOCK.md shows how.\n",
  );
  process.exitCode = 1;
} else {
  const { main } = await import("../dist/main.js");
  await main();
}
