/** Owns pieces of advice that stand below each other: what several say in the same words is told once. */

/** Characters: what is shorter is no trouble to read again. */
const shortest = 60;
/** Texts are lines of a page; what is longer is left as it is. */
const longest = 1000;

/** The longest passage that both have, by where it begins in the second, and its length. */
function common(first: string, second: string): { readonly at: number; readonly length: number } {
  let best = { at: 0, length: 0 };
  let above = new Uint16Array(second.length + 1);
  for (const char of first.split("")) {
    const row = new Uint16Array(second.length + 1);
    for (let end = 1; end <= second.length; end++) {
      if (second[end - 1] !== char) continue;
      const length = above[end - 1]! + 1;
      row[end] = length;
      if (length > best.length) best = { at: end - length, length };
    }
    above = row;
  }
  return best;
}

/** Without the advice that an earlier one has given for the same thing, such as `nginx: …`. */
function shortened(text: string, earlier: string): string {
  const { at, length } = common(earlier, text);
  if (length < shortest) return text;
  // What ends the sentence before it may be the same too.
  const begin = at + (/^[^\s\w]+\s+/.exec(text.slice(at))?.[0].length ?? 0);
  const about = /^[\w.-]+: /.exec(text.slice(begin))?.[0];
  const before = text[begin - 1] ?? " ";
  const rest = text.slice(at + length);
  // Half a sentence is better read twice.
  if (about === undefined || before !== " " || /^\w/.test(rest)) return text;
  return `${text.slice(0, begin)}${about}as above.${rest.replace(/^[;.]/, "")}`;
}

/** The texts, in each of which is left out what one before it has told in the same words. */
export function toldOnce(texts: readonly string[]): string[] {
  return texts.map((text, index) =>
    texts
      .slice(0, index)
      .filter((earlier) => earlier.length <= longest && text.length <= longest)
      .reduce(shortened, text),
  );
}
