/** Owns putting comments into the text of a scenario, each above what it speaks of. */
import { isMap, isNode, isSeq, parseDocument } from "yaml";
import { safeLine } from "../../base/safe-text.js";

/** A place in the document, and the lines to be put above it. */
export interface Comment {
  readonly path: readonly (string | number)[];
  readonly lines: readonly string[];
}

const longestLine = 160;

/** @param top lines for the beginning of the file, before those that stand there already */
export function withComments(
  yaml: string,
  comments: readonly Comment[],
  top: readonly string[],
): string {
  const document = parseDocument(yaml);
  for (const { path, lines } of comments) {
    const parent: unknown = document.getIn(path.slice(0, -1), true);
    const last = path.at(-1);
    const node: unknown = isMap(parent)
      ? parent.items.find(({ key }) => isNode(key) && key.toString() === String(last))?.key
      : isSeq(parent)
        ? parent.items[Number(last)]
        : undefined;
    if (isNode(node) && lines.length > 0) node.commentBefore = written(lines);
  }
  const begins = written(top);
  document.commentBefore =
    typeof document.commentBefore === "string" ? `${begins}\n${document.commentBefore}` : begins;
  return document.toString({ lineWidth: 100 });
}

function written(lines: readonly string[]): string {
  return lines.map((line) => ` ${safeLine(line, longestLine)}`).join("\n");
}
