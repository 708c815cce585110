/**
 * Owns the kinds of credentials that can ride on an upgrade request. Where a client sends several
 * of one kind, all must be right: servers that take the first, and those that take the last, are
 * deceived in different ways.
 */
import type { IncomingMessage } from "node:http";
import { WsctlError } from "../../base/errors.js";
import { headerBytes, Secret } from "./secret.js";
import { sentValues } from "./sent-header.js";

/** What a request has of a credential. */
type Finding = "missing" | "wrong" | "right";

/** One credential that is asked for. */
export interface Credential {
  /** For WWW-Authenticate (RFC 9110 §11.6.1). */
  readonly challenge: string;
  /** Whether it is for the Authorization field, where 401 is also the answer to wrong ones. */
  readonly isAuthorization: boolean;
  /** What is to be echoed when it is offered. */
  readonly subprotocol?: string;
  /** Looks at an upgrade request. Never throws or rejects. */
  look(request: IncomingMessage): Finding | Promise<Finding>;
}

/** A name that headers and parameters of challenges take as it is (RFC 9110 §5.6.2). */
const token = /^[!#$%&'*+.^_`|~\dA-Za-z-]+$/;

/** What follows the scheme in Authorization; undefined without it, and empty if it is ambiguous. */
function authorization(request: IncomingMessage, scheme: string): string | undefined {
  const [value, ...others] = sentValues(request, "authorization");
  if (value === undefined) return undefined;
  if (others.length > 0) return "";
  const space = value.indexOf(" ");
  const name = space === -1 ? value : value.slice(0, space);
  if (name.toLowerCase() !== scheme) return undefined;
  return space === -1 ? "" : value.slice(space + 1).trim();
}

function verdict(candidates: readonly (Buffer | string)[], secret: Secret): Finding {
  if (candidates.length === 0) return "missing";
  return candidates.every((each) => secret.matches(each)) ? "right" : "wrong";
}

function bearer(value: string): Credential {
  const secret = new Secret(value);
  return {
    challenge: 'Bearer realm="wsctl"',
    isAuthorization: true,
    look(request) {
      const sent = authorization(request, "bearer");
      return verdict(sent === undefined ? [] : [headerBytes(sent)], secret);
    },
  };
}

function jwt(value: string): Credential {
  const key = Buffer.from(value);
  // Named one by one, so that neither "none" nor a public key taken for a secret passes.
  const algorithms = ["HS256", "HS384", "HS512"];
  return {
    challenge: 'Bearer realm="wsctl"',
    isAuthorization: true,
    async look(request) {
      const sent = authorization(request, "bearer");
      if (sent === undefined) return "missing";
      const { jwtVerify } = await import("jose");
      try {
        await jwtVerify(sent, key, { algorithms });
        return "right";
      } catch {
        return "wrong";
      }
    },
  };
}

function basic(value: string): Credential {
  if (!value.includes(":")) {
    throw new WsctlError("WSCTL_EUSAGE", "--auth basic: there is no colon", {
      hint: "write it like basic=user:password",
    });
  }
  const secret = new Secret(value);
  return {
    challenge: 'Basic realm="wsctl", charset="UTF-8"',
    isAuthorization: true,
    look(request) {
      const sent = authorization(request, "basic");
      return verdict(sent === undefined ? [] : [Buffer.from(sent, "base64")], secret);
    },
  };
}

/** `NAME=VALUE` taken apart. */
function named(kind: string, text: string): { name: string; secret: Secret } {
  const equals = text.indexOf("=");
  const name = text.slice(0, Math.max(equals, 0));
  const value = text.slice(equals + 1);
  if (token.test(name) && value !== "") return { name, secret: new Secret(value) };
  throw new WsctlError("WSCTL_EUSAGE", `--auth ${kind}: there is no name with a value`, {
    hint: `write it like ${kind}=session=s3cret`,
  });
}

function cookie(text: string): Credential {
  const { name, secret } = named("cookie", text);
  return {
    challenge: `Cookie realm="wsctl", cookie-name="${name}"`,
    isAuthorization: false,
    look(request) {
      const sent = sentValues(request, "cookie")
        .flatMap((value) => value.split(";"))
        .map((pair) => pair.trim())
        .filter((pair) => pair.startsWith(`${name}=`));
      return verdict(
        sent.map((pair) => headerBytes(pair.slice(name.length + 1))),
        secret,
      );
    },
  };
}

function query(text: string): Credential {
  const { name, secret } = named("query", text);
  return {
    challenge: `Query realm="wsctl", parameter="${name}"`,
    isAuthorization: false,
    look({ url = "" }) {
      const mark = url.indexOf("?");
      const sent = mark === -1 ? [] : new URLSearchParams(url.slice(mark)).getAll(name);
      return verdict(sent, secret);
    },
  };
}

function subprotocol(value: string): Credential {
  if (!token.test(value)) {
    throw new WsctlError("WSCTL_EUSAGE", "--auth subprotocol: the value is not a token", {
      hint: 'a subprotocol has neither spaces nor any of "(),/:;<=>?@[\\]{} (RFC 6455 §4.1)',
    });
  }
  const secret = new Secret(value);
  return {
    challenge: 'Subprotocol realm="wsctl"',
    isAuthorization: false,
    subprotocol: value,
    look(request) {
      const sent = sentValues(request, "sec-websocket-protocol").flatMap((each) => each.split(","));
      if (sent.length === 0) return "missing";
      return sent.some((each) => secret.matches(headerBytes(each.trim()))) ? "right" : "wrong";
    },
  };
}

/** How each kind is made from its value; all throw WsctlError WSCTL_EUSAGE. */
export const credentialKinds: ReadonlyMap<string, (value: string) => Credential> = new Map([
  ["bearer", bearer],
  ["jwt", jwt],
  ["basic", basic],
  ["cookie", cookie],
  ["query", query],
  ["subprotocol", subprotocol],
]);
