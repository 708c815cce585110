/** Owns the usual request of an upgrade: the headers a browser sends, in its order, and the user's. */
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import { newKey } from "../frame/handshake.js";
import { isToken, type RequestHead, serialiseRequest } from "../frame/http-head.js";
import type { Header, UpgradeRequest } from "../frame/upgrade.js";
import { UsualAnswer } from "../frame/usual-answer.js";
import type { Target } from "./target.js";

/** What a request says beyond the address. */
export interface RequestOptions {
  /** `GET` unless told; nothing else upgrades (RFC 6455 §4.1). */
  readonly method?: string | undefined;
  /** Sec-WebSocket-Key; random unless told. */
  readonly key?: string | undefined;
  readonly origin?: string | undefined;
  /** The most wanted one first. */
  readonly subprotocols?: readonly string[] | undefined;
  /** The value of Sec-WebSocket-Extensions. */
  readonly extensions?: string | undefined;
  /** The value of Authorization; that of the target's user and password unless told. */
  readonly authorization?: string | undefined;
  readonly cookie?: string | undefined;
  /** The user's own: they replace the usual ones of the same name, the others follow at the end. */
  readonly headers?: readonly Header[] | undefined;
}

function usualHeaders(target: Target, options: RequestOptions): Header[] {
  const { origin, subprotocols = [], extensions, cookie } = options;
  const authorization = options.authorization ?? target.authorization;
  const wrong = subprotocols.find((name) => !isToken(name));
  if (wrong !== undefined) {
    throw new WsctlError("WSCTL_EUSAGE", `"${safeLine(wrong)}" is not the name of a subprotocol`, {
      hint: "names have no spaces, commas or quotes; to send it all the same, use -H 'Sec-WebSocket-Protocol: …'",
    });
  }
  const headers: Header[] = [
    ["Host", target.authority],
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade"],
    ["Sec-WebSocket-Key", options.key ?? newKey()],
    ["Sec-WebSocket-Version", "13"],
  ];
  if (origin !== undefined) headers.push(["Origin", origin]);
  if (subprotocols.length > 0) headers.push(["Sec-WebSocket-Protocol", subprotocols.join(", ")]);
  if (extensions !== undefined) headers.push(["Sec-WebSocket-Extensions", extensions]);
  if (authorization !== undefined) headers.push(["Authorization", authorization]);
  if (cookie !== undefined) headers.push(["Cookie", cookie]);
  return headers;
}

/** The user's headers stand where the usual ones of that name stood, as they were written. */
function merge(usual: readonly Header[], own: readonly Header[]): Header[] {
  const nameOf = ([name]: Header) => name.toLowerCase();
  const replaced = new Set(own.map(nameOf));
  const taken = new Set(usual.map(nameOf));
  const merged = usual.flatMap((header) =>
    replaced.has(nameOf(header)) ? own.filter((mine) => nameOf(mine) === nameOf(header)) : [header],
  );
  return [...merged, ...own.filter((mine) => !taken.has(nameOf(mine)))];
}

/**
 * The head of an upgrade request to that target.
 * @throws WsctlError WSCTL_EUSAGE for a subprotocol that is not a token
 */
export function buildRequest(target: Target, options: RequestOptions = {}): RequestHead {
  const usual = usualHeaders(target, options);
  const { headers: own = [], method = "GET" } = options;
  return { method, target: target.path, headers: own.length === 0 ? usual : merge(usual, own) };
}

/** The request of {@link buildRequest} for many dials: written once, and with what is usually answered. */
export class PreparedRequest {
  /** What the server usually answers; undefined where the key is not drawn here. */
  readonly usual: UsualAnswer | undefined = undefined;
  readonly #request: UpgradeRequest;
  /** Where the key stands, in the headers and in the bytes. */
  readonly #index: number;
  readonly #at: number;

  /** @throws WsctlError WSCTL_EUSAGE as {@link buildRequest} and for a head that cannot be written */
  constructor(target: Target, options: RequestOptions = {}) {
    const first = newKey();
    const head = buildRequest(target, { ...options, key: options.key ?? first });
    this.#request = serialiseRequest(head);
    const { headers, bytes } = this.#request;
    this.#index = headers.findIndex(([, value]) => value === first);
    this.#at = bytes.indexOf(first, 0, "latin1");
    if (this.#index >= 0) this.usual = new UsualAnswer(this.#index);
  }

  /** The request with a key of its own, unless the options said which. */
  next(): UpgradeRequest {
    if (this.#index < 0) return this.#request;
    const { method, target, headers, bytes } = this.#request;
    const key = newKey();
    const own = Buffer.from(bytes);
    own.write(key, this.#at, "latin1");
    const all = headers.slice();
    all[this.#index] = [headers[this.#index]![0], key];
    return { method, target, headers: all, bytes: own };
  }
}
