/**
 * Owns which subprotocols are tokens: names are judged word by word, so that `keyboard.v1` is none
 * for the key within it.
 */
import { announced, isCarrier, isRandomLooking } from "../base/token-like.js";
import { jwtIn } from "./security/jwt.js";

/** The members of a value of Sec-WebSocket-Protocol. */
export function subprotocolsIn(value: string): string[] {
  return value.split(",").map((part) => part.trim());
}

/** Names that are spoken widely, whatever stands beside them. */
const common =
  /^(?:graphql(?:-transport)?-ws|mqtt(?:v?3\.1)?|v1[0-2]\.stomp|wamp(?:\.2\.(?:json|msgpack|cbor)(?:\.batched)?)?|ocpp[12](?:\.\d){1,2}|soap|xmpp|sip|amqp|actioncable-(?:v1-json|unsupported)|vite-(?:hmr|ping)|(?:v[1-5]\.|base64\.)?channel\.k8s\.io|v[1-5]\.base64\.channel\.k8s\.io|binary|base64|chat|superchat|json|msgpack|cbor|protobuf)$/i;

/** What announces a secret by itself. */
const secret =
  "(?:auth|authori[sz]ation|authentication|bearer|cookies?|tokens?|keys?|secrets?|password|passwd|passphrase|pass|pwd|sessions?|sessid|sid|jwt|signature|sig|credentials?|creds|tickets?|otp|pin)";

/** One such word, or one that is made of it: accesstoken, apikey, oauth, sessionid. */
const secretWord = new RegExp(
  `^(?:access|api|app|auth|bearer|client|csrf|id|jwt|o|refresh|session|user|ws|xsrf)?${secret}(?:id)?$`,
  "i",
);

/** Whether one of its words names a secret; accessToken is two words. */
function isNamedSecret(name: string): boolean {
  return name
    .replace(/([a-z])(?=[A-Z])/g, "$1 ")
    .split(/[^A-Za-z]+/)
    .some((word) => secretWord.test(word));
}

/** So many are looked at beside each other; nobody offers more of them but to do harm. */
const mostJudged = 100;

/** Of subprotocols that are offered together, those that are tokens, or hold one. */
export function tokensAmong(offered: readonly string[]): ReadonlySet<string> {
  const judged = offered.slice(0, mostJudged);
  const known = new Set(judged);
  const beside = announced(judged);
  const isToken = (name: string): boolean =>
    !known.has(name) ||
    beside.has(name) ||
    isRandomLooking(name) ||
    jwtIn(name) !== undefined ||
    (isNamedSecret(name) && !isCarrier(name));
  return new Set(offered.filter((name) => !common.test(name) && isToken(name)));
}
