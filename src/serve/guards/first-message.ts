/**
 * Owns authentication by the first message: until it came, nothing that the client sends reaches
 * the mode, and nothing that the mode sends reaches the client.
 */
import type { Peer } from "../peer.js";
import { Secret } from "./secret.js";

/** How long a client may take, in ms. */
const patience = 5000;

/** A first message longer than this, in bytes, is wrong without being parsed. */
const longest = 16 * 1024;

/** Waits for the first message of those who are to send one. */
export class FirstMessage {
  readonly #secrets: readonly Secret[];

  /** @param tokens any of them will do */
  constructor(tokens: readonly string[]) {
    this.#secrets = tokens.map((each) => new Secret(each));
  }

  /** Calls `enter` once the client has sent a token; whoever does not is closed with 1008. */
  wait(peer: Peer, enter: () => void): void {
    let waiting = true;
    const timer = setTimeout(() => peer.close(1008, "authentication timed out"), patience);
    peer.onClose(() => clearTimeout(timer));
    peer.intercept((data, isBinary) => {
      if (!waiting) return true;
      clearTimeout(timer);
      if (isBinary || !this.#matches(data)) {
        peer.close(1008, "authentication failed");
        return false;
      }
      waiting = false;
      enter();
      return false;
    });
  }

  #matches(data: Buffer): boolean {
    if (data.length > longest) return false;
    const token = tokenIn(data.toString());
    return this.#secrets.some(
      (each) => each.matches(data) || (token !== undefined && each.matches(token)),
    );
  }
}

/** The token of `{"token": …}`, whose type, if it has one, must be `auth`. */
function tokenIn(text: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { token, type = "auth" } = value as { readonly token?: unknown; readonly type?: unknown };
  return typeof token === "string" && type === "auth" ? token : undefined;
}
