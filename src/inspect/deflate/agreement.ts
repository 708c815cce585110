/** Owns what is wrong with an answer to offers of permessage-deflate. */
import type { LegalOffer, OfferCase } from "./offers.js";
import type { Parameter } from "./parameters.js";
import { theirs } from "../their-words.js";

/** One thing that is wrong. */
interface Fault {
  readonly message: string;
  /** `accepted`: what had to be declined was not, though what was agreed can be spoken. */
  readonly kind: "answer" | "accepted";
}

const serverBits = "server_max_window_bits";
const clientBits = "client_max_window_bits";
const takeovers: ReadonlySet<string> = new Set([
  "server_no_context_takeover",
  "client_no_context_takeover",
]);

/** What is wrong with a parameter whatever was offered (RFC 7692 §7.1). */
function parameterFault([name, value]: Parameter): string | undefined {
  if (takeovers.has(name)) {
    return value === undefined
      ? undefined
      : `${name} has the value "${theirs(value)}", and may have none`;
  }
  if (name !== serverBits && name !== clientBits)
    return `the parameter "${theirs(name)}" does not exist`;
  if (value === undefined) return `${name} has no value`;
  return /^(?:[89]|1[0-5])$/.test(value) ? undefined : `${name} is "${theirs(value)}", not 8 to 15`;
}

/** What of the answer is not within the offer; the server may limit its own window unasked. */
function offerFault(agreed: ReadonlyMap<string, string | undefined>, offer: LegalOffer) {
  const [server, client] = [agreed.get(serverBits), agreed.get(clientBits)];
  if (client !== undefined && offer.clientBits === undefined) {
    return `${clientBits} was not offered, and the answer has it (RFC 7692 §7.1.2.2)`;
  }
  if (client !== undefined && Number(client) > offer.clientBits!) {
    return `${clientBits} is ${client}, and was offered as ${offer.clientBits} (RFC 7692 §7.1.2.2)`;
  }
  if (offer.serverBits === undefined) return undefined;
  if (server === undefined) {
    return `${serverBits}=${offer.serverBits} was asked for, and the answer does not confirm it (RFC 7692 §7.1.2.1)`;
  }
  if (Number(server) <= offer.serverBits) return undefined;
  return `${serverBits} is ${server}, and was offered as ${offer.serverBits} (RFC 7692 §7.1.2.1)`;
}

/** What is wrong with an answer that turns on permessage-deflate; undefined when nothing is. */
export function faultOf(all: readonly Parameter[][], { legal }: OfferCase): Fault | undefined {
  const answer = (message: string): Fault => ({ kind: "answer", message });
  const [parameters = [], ...others] = all;
  if (others.length > 0) return answer(`permessage-deflate came ${all.length} times`);
  const agreed = new Map(parameters);
  if (agreed.size < parameters.length) return answer("a parameter came more than once");
  const wrong = parameters.map(parameterFault).find((one) => one !== undefined);
  if (wrong !== undefined) return answer(wrong);
  if (legal.length === 0) {
    return { kind: "accepted", message: "offers that must be declined were accepted" };
  }
  const faults = legal.map((offer) => offerFault(agreed, offer));
  const [first] = faults;
  return faults.includes(undefined) || first === undefined ? undefined : answer(first);
}
