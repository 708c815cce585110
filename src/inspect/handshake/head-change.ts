/** Owns how a check makes a request differ from the usual one: a header other, gone, or several. */
import type { RequestHead } from "../../frame/http-head.js";
import type { Header } from "../../frame/upgrade.js";

/** A change of a request head. */
export type HeadChange = (head: RequestHead) => RequestHead;

/**
 * The header with these values, one line each, where it stood, or at the end where there was none;
 * without values it is gone.
 */
export function withHeader(name: string, ...values: readonly string[]): HeadChange {
  return (head) => {
    const isIt = ([key]: Header): boolean => key.toLowerCase() === name.toLowerCase();
    const at = head.headers.findIndex(isIt);
    const before = at < 0 ? head.headers : head.headers.slice(0, at);
    const after = at < 0 ? [] : head.headers.slice(at).filter((header) => !isIt(header));
    const mine = values.map((value): Header => [name, value]);
    return { ...head, headers: [...before, ...mine, ...after] };
  };
}

/** A plain request: nothing of an upgrade is left in it. */
export function asPlainRequest(head: RequestHead): RequestHead {
  const isOfUpgrade = ([name]: Header): boolean =>
    /^(?:upgrade|connection|sec-websocket-.*)$/i.test(name);
  return { ...head, headers: head.headers.filter((header) => !isOfUpgrade(header)) };
}
