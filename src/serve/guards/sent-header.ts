/**
 * Owns how guards read a header: every field as it was sent. Node's own `headers` joins duplicates
 * of some fields and forgets those of others, and either can be used to deceive a guard.
 */
import type { IncomingMessage } from "node:http";

/**
 * The values of every field of that name, in order.
 * @param name in lower case
 */
export function sentValues(request: IncomingMessage, name: string): string[] {
  const { rawHeaders } = request;
  const values: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    if (rawHeaders[at]!.toLowerCase() === name) values.push(rawHeaders[at + 1]!);
  }
  return values;
}
