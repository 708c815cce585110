/**
 * Owns finding one's way in the text of JSON without parsing it, so that what is not changed stays as
 * it was spelt. Nothing here recurses, and what is no JSON is passed over.
 */

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];

/** The first position from `at` on that is no white space. */
export function afterSpace(text: string, at: number): number {
  let next = at;
  while (next < text.length && text.charCodeAt(next) <= 0x20) next++;
  return next;
}

/** The position after a string that begins at `at`; the end of the text where it does not end. */
export function afterString(text: string, at: number): number {
  for (let from = at + 1; ;) {
    const end = text.indexOf('"', from);
    if (end < 0) return text.length;
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === backslash && end - slashes > at + 1) slashes++;
    if (slashes % 2 === 0) return end + 1;
    from = end + 1;
  }
}

/** The position after a value that begins at `at`. */
export function afterValue(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first === quote) return afterString(text, at);
  if (first !== openList && first !== openObject) return afterScalar(text, at);
  let depth = 0;
  for (let next = at; next < text.length;) {
    const code = text.charCodeAt(next);
    if (code === quote) {
      next = afterString(text, next);
      continue;
    }
    next++;
    if (code === openList || code === openObject) depth++;
    else if ((code === closeList || code === closeObject) && --depth === 0) return next;
  }
  return text.length;
}

/** A number or a word ends before white space, a comma or a bracket; something is passed always. */
function afterScalar(text: string, at: number): number {
  let next = at + 1;
  for (; next < text.length; next++) {
    const code = text.charCodeAt(next);
    if (code <= 0x20 || code === comma || code === closeList || code === closeObject) break;
  }
  return next;
}

/** The name that a string of JSON is; itself where its escapes cannot be read. */
export function nameOf(json: string): string {
  if (!json.includes("\\")) return json.slice(1, -1);
  try {
    return String(JSON.parse(json));
  } catch {
    return json.slice(1, -1);
  }
}

/** A member of an object: where its name, and where its value begins and ends. */
export interface Member {
  readonly name: string;
  readonly from: number;
  readonly valueFrom: number;
  readonly to: number;
}

/** The members of an object that begins at `at`, those of one name too. */
export function membersOf(text: string, at: number): Member[] {
  const members: Member[] = [];
  let next = at + 1;
  for (;;) {
    next = afterSpace(text, next);
    const code = text.charCodeAt(next);
    if (next >= text.length || code === closeObject) return members;
    if (code !== quote) {
      next++;
      continue;
    }
    const after = afterString(text, next);
    const mark = afterSpace(text, after);
    if (text.charCodeAt(mark) !== colon) {
      next = after;
      continue;
    }
    const valueFrom = afterSpace(text, mark + 1);
    const to = afterValue(text, valueFrom);
    members.push({ name: nameOf(text.slice(next, after)), from: next, valueFrom, to });
    next = to;
  }
}
