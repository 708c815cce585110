/** Owns the Origin that is taken for the right one: everything else is measured by it. */
import { isIP } from "node:net";
import { headerValue } from "../../frame/upgrade.js";
import type { Subject } from "../subject.js";

/** The Origin of a page that the server is to let in. */
export interface AllowedOrigin {
  /** As it is sent. */
  readonly text: string;
  /** Its parts; undefined for what is no http or https address, such as that of an extension. */
  readonly parts: OriginParts | undefined;
}

/** What an Origin of http or https is made of (RFC 6454 §6.2). */
export interface OriginParts {
  readonly scheme: "http" | "https";
  /** As a browser writes it: lower case, names of other scripts in punycode, IPv6 in brackets. */
  readonly host: string;
  /** Empty for the scheme's own. */
  readonly port: string;
  readonly isAddress: boolean;
}

function partsOf(text: string): OriginParts | undefined {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return undefined;
  const { protocol, hostname, port } = new URL(text);
  const scheme = protocol === "https:" ? "https" : "http";
  return { scheme, host: hostname, port, isAddress: isIP(hostname.replace(/^\[|\]$/g, "")) !== 0 };
}

/** An Origin, written from its parts; the port stands behind whatever the host is. */
export function originOf({ scheme, host, port }: Omit<OriginParts, "isAddress">): string {
  return `${scheme}://${host}${port === "" ? "" : `:${port}`}`;
}

/** What was said to be allowed, else the Origin of the user's request, else that of the own host. */
export function allowedOriginOf({
  given,
  baseline,
  target,
}: Omit<Subject, "asker">): AllowedOrigin {
  const asked =
    baseline.request === undefined ? undefined : headerValue(baseline.request.headers, "Origin");
  const own = `${target.secure ? "https" : "http"}://${target.authority}`;
  const text = given.allowedOrigin ?? asked ?? own;
  const parts = partsOf(text);
  // People name a page, with a slash at the end or more: no browser sends these.
  const isTyped = given.allowedOrigin !== undefined;
  return { text: isTyped && parts ? originOf(parts) : text, parts };
}
