/** Topic patterns: names in which `*` stands for one segment, compared without case. */

/** A predicate for a list of patterns; without a list everything matches. */
export function matchTopics(patterns: readonly string[] | undefined): (topic: string) => boolean {
  if (patterns === undefined) return () => true;
  const exact = new Set<string>();
  const shapes: RegExp[] = [];
  for (const pattern of patterns.map((text) => text.toLowerCase())) {
    if (!pattern.includes("*")) exact.add(pattern);
    else
      shapes.push(
        new RegExp(
          `^${pattern.replaceAll(/[$()+.?[\\\]^{|}]/gu, String.raw`\$&`).replaceAll("*", "[^.]+")}$`,
          "u",
        ),
      );
  }
  return (topic) => {
    const key = topic.toLowerCase();
    return exact.has(key) || shapes.some((shape) => shape.test(key));
  };
}
