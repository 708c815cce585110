/** Owns what the target of a request says (RFC 9112 §3.2). */

/**
 * The path, without the query: that may hold credentials. Proxies send the whole URL, `http://h/p`,
 * which means the same as `/p`.
 */
export function pathOf(target = ""): string {
  const path = target.split(/[?#]/, 1)[0]!;
  const [, rest] = /^[a-z][a-z\d+.-]*:\/\/[^/]*(.*)$/i.exec(path) ?? [];
  return rest === undefined ? path : rest || "/";
}
