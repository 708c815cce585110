/** Owns the reading of a curl command, as browsers and manuals hand it out, into connection flags. */
import { messageOf, WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import { parseTarget } from "../dial/target.js";
import type { ConnectionFlags } from "./connection-options.js";
import { type CurlDraft, curlFlag } from "./curl-flags.js";
import { commandWords } from "./curl-words.js";

/** What a curl command says. */
export interface CurlCommand {
  /** As ws: or wss:. */
  readonly url: string;
  /** Only what was said; nothing in it is a reference, but for what is one to curl as well. */
  readonly flags: Partial<ConnectionFlags>;
  /** What was left out, and why, a line each. */
  readonly notes: readonly string[];
}

/** Headers of the handshake that are made anew for each connection. */
const ownHeaders = /^(?:connection|upgrade|sec-websocket-(?:key|version|accept)|content-length)$/i;

function refuse(message: string, hint: string): never {
  throw new WsctlError("WSCTL_EUSAGE", message, { hint });
}

/** The words behind the word curl, or all of them. */
function withoutName(words: readonly string[]): readonly string[] {
  const name = words.findIndex((word) => /^(?:.*[\\/])?curl(?:\.exe)?$/.test(word));
  return words.slice(name + 1);
}

/** Walks the words; every flag is applied, what is no flag is returned. */
function applyFlags(words: readonly string[], draft: CurlDraft, sending: string): string[] {
  const plain: string[] = [];
  let at = 0;
  const apply = (name: string, attached: string | undefined): boolean => {
    const flag = curlFlag(name);
    const shown = safeLine(name, 40);
    if (!flag) {
      draft.notes.push(`${shown} is not known here and left out`);
      return false;
    }
    if (flag.kind === "refused") return refuse(`curl's ${shown} cannot be done`, flag.why);
    if (flag.kind === "body") {
      const why = `the request of a WebSocket has no body; send it as a message with ${sending}`;
      return refuse(`curl's ${shown} cannot be done`, why);
    }
    const takesValue = flag.kind === "value" || (flag.kind === "ignored" && flag.takesValue);
    const value = takesValue ? (attached ?? words[at++]) : undefined;
    if (takesValue && value === undefined) refuse(`curl's ${shown} has no value`, "paste it all");
    if (flag.kind === "switch") flag.apply(draft);
    else if (flag.kind === "value") flag.apply(draft, value!);
    else if (flag.note !== undefined) draft.notes.push(flag.note);
    return takesValue;
  };
  while (at < words.length) {
    const word = words[at++]!;
    if (word.startsWith("--") && word.length > 2) {
      apply(word, undefined);
    } else if (/^-./.test(word) && word !== "--") {
      // Several letters in one word; what a letter takes may stand behind it.
      for (let letter = 1; letter < word.length; letter++) {
        const attached = letter + 1 < word.length ? word.slice(letter + 1) : undefined;
        if (apply(`-${word[letter]}`, attached)) break;
      }
    } else if (word !== "--") {
      plain.push(word);
    }
  }
  return plain;
}

/** The URL among the words that are no flags: a flag that is not known may have left its value. */
function urlAmong(plain: readonly string[], draft: CurlDraft): string {
  const urls = draft.url === undefined ? plain.filter((word) => word.includes("://")) : [draft.url];
  const candidates = urls.length > 0 ? urls : plain.slice(-1);
  if (candidates.length > 1) {
    refuse("the curl command has several URLs", "leave one of them");
  }
  const [url] = candidates;
  return url ?? refuse("the curl command has no URL", "paste the whole command, URL and all");
}

/** Sorts the headers: ours are dropped, those that have a flag of ours go there. */
function settleHeaders(draft: CurlDraft, authority: string): void {
  const kept: string[] = [];
  for (const line of draft.header) {
    const [, name = "", separator = "", rest = ""] = /^([^:;]*)([:;]?)([\s\S]*)$/.exec(line) ?? [];
    const key = name.trim().toLowerCase();
    const value = rest.trim();
    if (line.startsWith("@")) kept.push(line);
    else if (separator === ";" && value === "") kept.push(`${name.trim()}:`);
    // With nothing behind the colon curl takes a header away, and so nothing is sent.
    else if (value === "" || ownHeaders.test(key)) continue;
    else if (key === "host" && value.toLowerCase() === authority.toLowerCase()) continue;
    else if (key === "origin") draft.origin = value;
    else if (key === "sec-websocket-protocol") draft.subprotocol = value.split(/\s*,\s*/);
    else if (key === "sec-websocket-extensions") draft.compress = /permessage-deflate/i.test(value);
    else kept.push(line);
  }
  draft.header = kept;
}

/** The proxy as a whole URL, with the credentials that stood apart, and curl's port of its own. */
function settleProxy(draft: CurlDraft): void {
  const { proxy, proxyUser } = draft;
  delete draft.proxyUser;
  if (typeof proxy !== "string") return;
  const [, scheme = "http://", rest = ""] = /^([^:/@]*:\/\/)?(.*)$/s.exec(proxy) ?? [];
  const [user = "", ...password] = (proxyUser ?? "").split(":");
  const isApart = proxyUser !== undefined && !rest.includes("@");
  const pair = `${encodeURIComponent(user)}:${encodeURIComponent(password.join(":"))}@`;
  const bare = rest.replace(/\/+$/, "");
  const port = /^http:/i.test(scheme) && !/:\d+$/.test(bare) ? ":1080" : "";
  draft.proxy = `${scheme}${isApart ? pair : ""}${bare}${port}`;
}

/**
 * Reads a curl command, with or without the word curl.
 *
 * @param sending the flag by which the caller's own command sends a message
 * @throws WsctlError WSCTL_EUSAGE for one that cannot be read or whose flags cannot work for a
 *   WebSocket
 */
export function parseCurl(text: string, sending: string): CurlCommand {
  const { words, unexpanded } = commandWords(text);
  const draft: CurlDraft = { header: [], notes: [] };
  for (const one of new Set(unexpanded)) {
    draft.notes.push(`${safeLine(one, 60)} is not expanded, it is sent as it stands`);
  }
  const typed = urlAmong(applyFlags(withoutName(words), draft, sending), draft);
  let target;
  try {
    // curl sends no fragment, and takes a bare host for http.
    target = parseTarget(typed.replace(/#.*$/s, ""));
  } catch (error) {
    return refuse(`the URL of the curl command: ${messageOf(error)}`, "it must be one of HTTP");
  }
  settleHeaders(draft, target.authority);
  settleProxy(draft);
  if (target.authorization !== undefined) {
    draft.header.push(`Authorization: ${target.authorization}`);
  }
  const { url: _url, notes, header, ...flags } = draft;
  return {
    url: target.url,
    flags: { ...flags, ...(header.length > 0 ? { header } : {}) },
    notes: notes.map((note) => safeLine(note)),
  };
}
