/** Owns headers and URLs as HAR has them, both ways. */
import type { Header } from "../../frame/upgrade.js";
import { itemsOf, objectOf, textOf } from "./foreign.js";

/** A header of HAR 1.2; parameters of a query look alike. */
interface HarPair {
  readonly name: string;
  readonly value: string;
}

/** Whether the name is that of a pseudo-header of HTTP/2 (RFC 9113 §8.3), which no HTTP/1.1 head has. */
export function isPseudo([name]: Header): boolean {
  return name.startsWith(":");
}

/** The headers of a request or a response. */
export function headersOf(value: unknown): Header[] {
  return itemsOf(value).flatMap((item): Header[] => {
    const pair = objectOf(item);
    const name = textOf(pair?.["name"]);
    const text = textOf(pair?.["value"]);
    return name === undefined || text === undefined ? [] : [[name, text]];
  });
}

/** The same the other way round. */
export function harPairs(headers: readonly Header[]): HarPair[] {
  return headers.map(([name, value]) => ({ name, value }));
}

/** The parameters of a URL's query, decoded as browsers do. */
export function queryPairs(url: string): HarPair[] {
  if (!URL.canParse(url)) return [];
  return harPairs([...new URL(url).searchParams]);
}

/** The URL with `ws` for `http` and `wss` for `https`, as browsers and proxies disagree about it. */
export function socketUrl(url: string): string {
  return url.replace(/^http(s?):/i, (_, s: string) => `ws${s.toLowerCase()}:`);
}

/** The path and query of a URL; undefined when it is none. */
export function targetOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { pathname, search } = new URL(url);
  return pathname + search;
}
