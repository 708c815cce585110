/**
 * Owns splitting the query of a URL for secrets. `;` parts parameters for some servers and is a
 * character like others for the rest, so that a secret goes on to the next `&`: rather too much is one.
 */
import { isSecretParameter } from "./secret-name.js";

/** What stands between two `&`. */
export interface QueryPart {
  /** What of it is none of a secret's, as it was written. */
  readonly plain: string;
  /** The parameter that is taken for a secret, which ends it. */
  readonly secret?: {
    readonly name: string;
    /** All before the value: what joins it to the plain, the name as it was written, and `=`. */
    readonly before: string;
    readonly value: string;
  };
}

/** The name of a parameter without its percent-encoding. */
function nameOf(written: string): string {
  return [...new URLSearchParams(`${written}=`).keys()][0] ?? "";
}

function partOf(part: string): QueryPart {
  let at = 0;
  // An address may stand within the value of another.
  for (const piece of part.split(/[;?]/)) {
    const equals = piece.indexOf("=");
    const name = nameOf(equals < 0 ? piece : piece.slice(0, equals));
    if (name !== "" && isSecretParameter(name)) {
      const begin = Math.max(0, at - 1);
      const end = at + (equals < 0 ? piece.length : equals) + 1;
      const plain = part.slice(0, begin);
      return { plain, secret: { name, before: part.slice(begin, end), value: part.slice(end) } };
    }
    at += piece.length + 1;
  }
  return { plain: part };
}

/** The parts of a query, which begins behind the `?`, in their order. */
export function queryParts(query: string): QueryPart[] {
  return query.split("&").map(partOf);
}
