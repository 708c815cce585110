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

/** What joins parameters, also of an address that is, percent-encoded, the value of another. */
const joints = /[;?#]|%(?:25)*(?:3f|3b|23|26)/gi;

/** What stands between a name and its value, in the same way. */
const equal = /=|%(?:25)*3d/i;

function partOf(part: string): QueryPart {
  let [joint, from] = [0, 0];
  for (const { 0: found, index } of [...part.matchAll(joints), { 0: "=", index: part.length }]) {
    const piece = part.slice(from, index);
    const mark = equal.exec(piece);
    const name = nameOf(mark ? piece.slice(0, mark.index) : piece);
    if (name !== "" && isSecretParameter(name)) {
      // Without a value, what joins it to the next stands in the place of the mark.
      const end = mark ? from + mark.index + mark[0].length : index + found.length;
      const plain = part.slice(0, joint);
      return { plain, secret: { name, before: part.slice(joint, end), value: part.slice(end) } };
    }
    [joint, from] = [index, index + found.length];
  }
  return { plain: part };
}

/** The parts of a query, which begins behind the `?`, in their order. */
export function queryParts(query: string): QueryPart[] {
  return query.split("&").map(partOf);
}
