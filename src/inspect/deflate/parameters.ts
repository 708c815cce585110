/** Owns reading the parameters of permessage-deflate as an answer has them. */

/** One parameter; the value as it stood, without quotes; undefined where it has none. */
export type Parameter = readonly [name: string, value: string | undefined];

/** Characters of the header that are looked at: far more than an honest answer has. */
const longest = 4096;

/** Splits where the separator stands outside of quotes. */
function split(text: string, separator: string): string[] {
  const parts: string[] = [];
  let begin = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (isQuoted && char === "\\") at++;
    else if (char === '"') isQuoted = !isQuoted;
    else if (char === separator && !isQuoted) {
      parts.push(text.slice(begin, at));
      begin = at + 1;
    }
  }
  return [...parts, text.slice(begin)].map((part) => part.trim());
}

function parameterOf(text: string): Parameter {
  const at = text.indexOf("=");
  if (at < 0) return [text.toLowerCase(), undefined];
  const value = text.slice(at + 1).trim();
  const isQuoted = value.length > 1 && value.startsWith('"') && value.endsWith('"');
  const name = text.slice(0, at).trim().toLowerCase();
  return [name, isQuoted ? value.slice(1, -1).replace(/\\(.)/g, "$1") : value];
}

/** The parameters of each permessage-deflate in a value of Sec-WebSocket-Extensions. */
export function parametersOf(header: string): Parameter[][] {
  return split(header.slice(0, longest), ",").flatMap((member) => {
    const [name = "", ...parameters] = split(member, ";");
    return name.toLowerCase() === "permessage-deflate" ? [parameters.map(parameterOf)] : [];
  });
}
