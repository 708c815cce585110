/**
 * Owns the guard of credentials: who has none of those asked for is answered in HTTP, before the
 * upgrade.
 *
 * Missing credentials are 401 with a challenge for each kind. Wrong ones are 401 again where they
 * came in Authorization, as RFC 9110 §15.5.2, RFC 6750 §3.1 and RFC 7617 have it; and 403 where HTTP
 * knows no scheme that could ask for better ones: cookie, query, subprotocol.
 */
import type { IncomingMessage } from "node:http";
import { WsctlError } from "../../base/errors.js";
import { nearest } from "../../base/nearest.js";
import type { Guard, GuardKind, Refusal } from "../guard.js";
import type { Peer } from "../peer.js";
import { type Credential, credentialKinds } from "./credential.js";
import { FirstMessage } from "./first-message.js";

const firstMessageKind = "first-message";
const kinds = [...credentialKinds.keys(), firstMessageKind];

/** `kind=value` taken apart. What is not understood is not repeated: it may be a secret. */
function takeApart(text: string): { kind: string; value: string } {
  const equals = text.indexOf("=");
  const kind = text.slice(0, Math.max(equals, 0));
  const value = text.slice(equals + 1);
  if (!kinds.includes(kind)) {
    const meant = nearest(kind, kinds);
    throw new WsctlError("WSCTL_EUSAGE", "--auth: that is no kind of credential with a value", {
      hint:
        (meant === undefined ? "" : `did you mean ${meant}=…? `) +
        `write one of ${kinds.map((each) => `${each}=…`).join(", ")}`,
    });
  }
  if (value === "") {
    throw new WsctlError("WSCTL_EUSAGE", `--auth ${kind}: the value is empty`, {
      hint: `write it like ${kind}=…`,
    });
  }
  return { kind, value };
}

class Auth implements Guard {
  readonly subprotocols: readonly string[];
  readonly #credentials: readonly Credential[];
  readonly #firstMessage: FirstMessage | undefined;
  /** Whose request already had what is asked for. */
  readonly #known = new WeakSet<IncomingMessage>();

  constructor(credentials: readonly Credential[], firstMessage: FirstMessage | undefined) {
    this.#credentials = credentials;
    this.#firstMessage = firstMessage;
    this.subprotocols = credentials.flatMap((each) => each.subprotocol ?? []);
  }

  async admit(request: IncomingMessage): Promise<Refusal | undefined> {
    let wrong: Credential | undefined;
    for (const credential of this.#credentials) {
      const finding = await credential.look(request);
      if (finding === "right") {
        this.#known.add(request);
        return undefined;
      }
      if (finding === "wrong" && !wrong?.isAuthorization) wrong = credential;
    }
    if (this.#firstMessage) return undefined;
    if (!wrong) return this.#challenge("credentials are missing");
    if (!wrong.isAuthorization) return { status: 403, error: "the credentials are wrong" };
    return this.#challenge("the credentials are wrong", wrong.challenge);
  }

  hold(peer: Peer, enter: () => void): boolean {
    if (!this.#firstMessage || this.#known.has(peer.request)) return false;
    this.#firstMessage.wait(peer, enter);
    return true;
  }

  /** @param refused the challenge that was answered in vain */
  #challenge(error: string, refused?: string): Refusal {
    const challenges = new Set(this.#credentials.map(({ challenge }) => challenge));
    const values = [...challenges].map((challenge) =>
      // Only the Bearer scheme has a word for it (RFC 6750 §3.1).
      challenge === refused && challenge.startsWith("Bearer ")
        ? `${challenge}, error="invalid_token"`
        : challenge,
    );
    return { status: 401, error, headers: { "www-authenticate": values.join(", ") } };
  }
}

/** Lets in only who knows one of the secrets. */
export const auth: GuardKind = {
  flags: [
    {
      flag: "--auth <kind=value>",
      summary:
        "ask for credentials, any one of: bearer=TOKEN, jwt=SECRET (HS256/384/512), " +
        "basic=user:password, cookie=NAME=VALUE, query=NAME=VALUE, subprotocol=VALUE, " +
        "first-message=TOKEN (within 5 s)",
      repeatable: true,
    },
  ],
  create(values) {
    const credentials: Credential[] = [];
    const tokens: string[] = [];
    for (const text of values.all("auth")) {
      const { kind, value } = takeApart(text);
      const make = credentialKinds.get(kind);
      if (make) credentials.push(make(value));
      else tokens.push(value);
    }
    return new Auth(credentials, tokens.length === 0 ? undefined : new FirstMessage(tokens));
  },
};
