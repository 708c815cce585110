/** Owns telling the names of subprotocols from tokens, which people send in their place from browsers. */

/** So long a name is more likely a token. */
const longestName = 40;
const longestWord = 24;

/** Words of names that stand beside a token or before it, and say nothing of it themselves. */
const word =
  "(?:x|ws|websocket|graphql|app|access|id|auth|authorization|authentication|bearer|token|jwt|oauth2?|api|key|apikey|session|ticket|credentials?|cookie|base64|base64url|io|k8s|v\\d{1,2})";
const carrier = new RegExp(`^${word}(?:[-_.]${word}){0,6}$`, "i");
/** What such a name has to say at least, or it announces nothing. */
const announcing = /auth|bearer|token|jwt|key|session|ticket|credential|cookie|base64url/i;

/** Names that are known well enough to stand behind a carrier and yet be no token. */
const wellKnown =
  /^(?:graphql(?:-transport)?-ws|mqtt(?:v?3\.1)?|amqp|stomp|v1[012]\.stomp|wamp(?:\.2\.(?:json|msgpack|cbor))?|ocpp[12](?:\.\d){1,2}|soap|sip|xmpp|chat|superchat|json|protobuf|actioncable-v1-json|actioncable-unsupported|v[1-5]\.channel\.k8s\.io|binary|base64)$/i;

/** Whether a text is too long for a name, or looks as if chance had made it. */
export function isRandomLooking(text: string): boolean {
  if (text.length > longestName) return true;
  return text.split(/[^A-Za-z0-9]+/).some((part) => {
    if (part.length > longestWord) return true;
    if (/^\d{10,}$/.test(part)) return true;
    const changes = part.match(/[a-z](?=\d)|\d(?=[a-z])/gi)?.length ?? 0;
    return part.length >= 8 && changes >= 3;
  });
}

/** Whether the name announces a token that is offered beside it, as `bearer` does. */
export function isCarrier(name: string): boolean {
  return name.length <= longestName && carrier.test(name) && announcing.test(name);
}

/** Whether it is made of words and versions, as names are. The length first: it is foreign text. */
function isLabel(name: string): boolean {
  return !isRandomLooking(name) && /^[a-z][a-z\d]*(?:[-_./][a-z\d]+)*$/i.test(name);
}

/**
 * Of subprotocols that are offered together, those that stand beside one that announces a token: the
 * one behind it (or before it, where it is the last), and whatever else does not look like a name.
 */
export function announced(offered: readonly string[]): Set<string> {
  const found = new Set<string>();
  const carriers = offered.map(isCarrier);
  if (!carriers.includes(true)) return found;
  offered.forEach((name, index) => {
    if (!carriers[index]) {
      if (!wellKnown.test(name) && !isLabel(name)) found.add(name);
      return;
    }
    const at = index + 1 < offered.length ? index + 1 : index - 1;
    const next = offered[at];
    if (next !== undefined && !carriers[at] && !wellKnown.test(next)) found.add(next);
  });
  return found;
}
