/** Owns what an answer to an upgrade says of permessage-deflate (RFC 7692 §7.1), as far as faults care. */

/** What the server's messages may be packed with. */
export interface DeflateAgreement {
  /** log₂ of the server's window: 8 to 15. */
  readonly bits: number;
}

/** @param extensions value of Sec-WebSocket-Extensions; empty for none */
export function agreementOf(extensions: string): DeflateAgreement | undefined {
  for (const offer of extensions.split(",")) {
    const [name = "", ...parameters] = offer.split(";").map((each) => each.trim().toLowerCase());
    if (name !== "permessage-deflate") continue;
    const bits = parameters.map((each) => /^server_max_window_bits="?(\d{1,2})"?$/.exec(each)?.[1]);
    const found = Number(bits.find((each) => each !== undefined) ?? 15);
    return { bits: Math.min(15, Math.max(8, found)) };
  }
  return undefined;
}

/** The same of the head of a 101. */
export function agreedIn(head: Buffer): DeflateAgreement | undefined {
  const fields = head.toString("latin1").matchAll(/^sec-websocket-extensions[ \t]*:([^\r\n]*)/gim);
  return agreementOf(Array.from(fields, ([, value]) => value).join(","));
}
