/**
 * Owns the negotiation of permessage-deflate (RFC 7692 §7): the offer as it is written, and what an
 * answer to it agrees to.
 */
import { safeLine } from "../base/safe-text.js";
import type { HandshakeProblem } from "../frame/handshake.js";
import type { CompressionOffer } from "./session-options.js";

const extension = "permessage-deflate";
const clientBits = "client_max_window_bits";
const serverBits = "server_max_window_bits";
const clientTakeover = "client_no_context_takeover";
const serverTakeover = "server_no_context_takeover";

/** What was agreed. */
export interface Agreement {
  /** The agreed parameters as a value of Sec-WebSocket-Extensions. */
  readonly header: string;
  /**
   * Whether messages may be compressed by us. zlib has no raw window of 8 bits: it takes 9, and
   * what it then writes may reach further back than the server can look.
   */
  readonly deflates: boolean;
  /**
   * What the offer demanded of the server and the answer left out. A server accepts such a parameter
   * by repeating it (RFC 7692 §7.1.1.1, §7.1.2.1) and should have declined the offer instead; what it
   * sends can be read all the same.
   */
  readonly unconfirmed: readonly string[];
}

/** The value of Sec-WebSocket-Extensions for that offer. */
export function offerOf(offer: CompressionOffer): string {
  const parts = [extension];
  if (offer.serverNoContextTakeover) parts.push(serverTakeover);
  if (offer.clientNoContextTakeover) parts.push(clientTakeover);
  if (offer.serverMaxWindowBits !== undefined) {
    parts.push(`${serverBits}=${offer.serverMaxWindowBits}`);
  }
  if (offer.clientMaxWindowBits === true) parts.push(clientBits);
  else if (offer.clientMaxWindowBits !== undefined) {
    parts.push(`${clientBits}=${offer.clientMaxWindowBits}`);
  }
  return parts.join("; ");
}

/** Every parameter of every permessage-deflate in the header, in order; one list for each. */
function parametersOf(header: string): [name: string, value: string | undefined][][] {
  // Commas and semicolons inside of quotes do not separate.
  const members = header.match(/(?:"(?:\\.|[^"\\])*"?|[^",])+/g) ?? [];
  return members.flatMap((member) => {
    const [name = "", ...parameters] = member.match(/(?:"(?:\\.|[^"\\])*"?|[^";])+/g) ?? [];
    if (name.trim().toLowerCase() !== extension) return [];
    return [
      parameters.map((parameter): [string, string | undefined] => {
        const at = parameter.indexOf("=");
        if (at < 0) return [parameter.trim().toLowerCase(), undefined];
        const value = parameter.slice(at + 1).trim();
        return [
          parameter.slice(0, at).trim().toLowerCase(),
          value.replace(/^"(.*)"$/, "$1").replace(/\\(.)/g, "$1"),
        ];
      }),
    ];
  });
}

/** The largest window that any of the offers allows; undefined where none speaks of it. */
function offeredBits(
  offers: readonly (readonly [string, string | undefined])[][],
  wanted: string,
): number | undefined {
  const values = offers
    .flat()
    .filter(([name]) => name === wanted)
    .map(([, value]) => (value !== undefined && /^\d+$/.test(value) ? Number(value) : 15));
  return values.length === 0 ? undefined : Math.max(...values);
}

function problem(message: string): HandshakeProblem {
  return { kind: "extensions", message, source: "RFC 7692 §7.1" };
}

/**
 * What the answer agrees to: undefined for no compression, or what is wrong with it. Other
 * extensions are not looked at.
 *
 * @param offered Sec-WebSocket-Extensions of the request, if any
 * @param agreed Sec-WebSocket-Extensions of the response, if any
 */
export function agreementOf(
  offered: string | undefined,
  agreed: string | undefined,
): { readonly agreement: Agreement | undefined } | { readonly problem: HandshakeProblem } {
  const answers = parametersOf(agreed ?? "");
  const [answer] = answers;
  if (!answer) return { agreement: undefined };
  if (answers.length > 1) {
    return { problem: problem(`the server turned on ${extension} ${answers.length} times`) };
  }
  const offers = parametersOf(offered ?? "");
  const settled = new Map<string, number | undefined>();
  for (const [name, value] of answer) {
    const shown = `"${safeLine(value === undefined ? name : `${name}=${value}`, 80)}"`;
    if (settled.has(name)) return { problem: problem(`the server said ${shown} a second time`) };
    if (name === clientTakeover || name === serverTakeover) {
      if (value !== undefined) return { problem: problem(`${shown} has a value and must not`) };
      settled.set(name, undefined);
    } else if (name === clientBits || name === serverBits) {
      if (value === undefined || !/^(?:[89]|1[0-5])$/.test(value)) {
        return { problem: problem(`${shown} is no window: it must have 8 to 15 bits`) };
      }
      const offer = offeredBits(offers, name);
      if (name === clientBits && offer === undefined) {
        return { problem: problem(`the server set ${shown}, which was not offered`) };
      }
      if (Number(value) > (offer ?? 15)) {
        return { problem: problem(`the server answered ${shown}; ${offer} was offered`) };
      }
      settled.set(name, Number(value));
    } else {
      return { problem: problem(`the server set ${shown}, which ${extension} does not have`) };
    }
  }
  // Not bound by the answer, we still keep to what we said.
  const own = offeredBits(offers, clientBits);
  if (own !== undefined && own < 15 && !settled.has(clientBits)) settled.set(clientBits, own);
  const demanded = [serverTakeover, serverBits];
  const unconfirmed = demanded.filter(
    (wanted) =>
      !settled.has(wanted) &&
      offers.length > 0 &&
      offers.every((offer) => offer.some(([name]) => name === wanted)),
  );
  const parts = [...settled].map(([name, bits]) => (bits === undefined ? name : `${name}=${bits}`));
  return {
    agreement: {
      header: [extension, ...parts].join("; "),
      deflates: settled.get(clientBits) !== 8,
      unconfirmed,
    },
  };
}
