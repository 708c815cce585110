/** Owns the wrong ways to compute Sec-WebSocket-Accept that are known, and finds which one it was. */
import { hash } from "node:crypto";
import { acceptFor } from "../../frame/handshake.js";

const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** SHA-1 of a text, or of bytes and the text after them, in base64. */
function sha1(text: string | Buffer, after = ""): string {
  const bytes = typeof text === "string" ? Buffer.from(text) : text;
  return hash("sha1", Buffer.concat([bytes, Buffer.from(after)]), "base64");
}

interface Recipe {
  /** Follows "it is". */
  readonly what: string;
  readonly of: (key: string) => string;
}

/** The right one, mangled afterwards. */
const hex = (key: string): string => hash("sha1", key + guid, "hex");
const asUtf8 = (key: string): string =>
  Buffer.from(hash("sha1", key + guid, "buffer").toString("latin1")).toString("base64");

const recipes: readonly Recipe[] = [
  {
    what: "a misprint, copied around, of the sample in RFC 6455 §1.3",
    of: () => "s3pPLMBiTxaQ9kYGzzhZgRcKULk=",
  },
  {
    what: "static: the sample of RFC 6455 §1.3, copied, whatever the key is",
    of: () => "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
  },
  { what: "the key itself, sent back", of: (key) => key },
  { what: "the hash of the decoded key; the key is hashed as it was sent", of: decodedFirst },
  { what: "the hash of the decoded key, without the GUID", of: (key) => sha1(decoded(key)) },
  { what: "the hash of the key alone: the GUID was not appended", of: (key) => sha1(key) },
  { what: "the hash of the GUID alone: the key was not used", of: () => sha1(guid) },
  { what: "the hash of the GUID in lower case", of: (key) => sha1(key + guid.toLowerCase()) },
  { what: "the hash with a space before the GUID", of: (key) => sha1(`${key} ${guid}`) },
  { what: "the hash with a space before the key", of: (key) => sha1(` ${key}${guid}`) },
  { what: "the hash with a space after the GUID", of: (key) => sha1(`${key}${guid} `) },
  { what: "the hash with the GUID in braces", of: (key) => sha1(`${key}{${guid}}`) },
  {
    what: "the hash with the GUID without dashes",
    of: (key) => sha1(key + guid.replaceAll("-", "")),
  },
  { what: "the hash of the GUID before the key", of: (key) => sha1(guid + key) },
  { what: "the hash of the key in quotes", of: (key) => sha1(`"${key}"${guid}`) },
  { what: "the hash with a line feed after the key", of: (key) => sha1(`${key}\n${guid}`) },
  { what: "the hash with CR LF after the key", of: (key) => sha1(`${key}\r\n${guid}`) },
  {
    what: "the hash with a line feed at the end, as echo adds it",
    of: (key) => sha1(`${key}${guid}\n`),
  },
  { what: "the hash with CR LF at the end", of: (key) => sha1(`${key}${guid}\r\n`) },
  { what: "the hash with a NUL at the end", of: (key) => sha1(`${key}${guid}\0`) },
  { what: "the hash of the key in lower case", of: (key) => sha1(key.toLowerCase() + guid) },
  {
    what: "the hash of the key without its padding",
    of: (key) => sha1(key.replace(/=+$/, "") + guid),
  },
  { what: "the hash in hex; it has to be base64", of: hex },
  { what: "the hash in hex in capitals; it has to be base64", of: (key) => hex(key).toUpperCase() },
  {
    what: "base64 of the hash in hex; the 20 bytes themselves are encoded",
    of: (key) => Buffer.from(hex(key)).toString("base64"),
  },
  {
    what: "base64 of the hash in hex in capitals; the 20 bytes themselves are encoded",
    of: (key) => Buffer.from(hex(key).toUpperCase()).toString("base64"),
  },
  { what: "base64 of the hash after it was taken for text and made UTF-8", of: asUtf8 },
  {
    what: "the right value in the alphabet of base64url",
    of: (key) => acceptFor(key).replaceAll("+", "-").replaceAll("/", "_"),
  },
  {
    what: "the right value in base64url, without its padding",
    of: (key) => hash("sha1", key + guid, "base64url"),
  },
  { what: "the right value in quotes", of: (key) => `"${acceptFor(key)}"` },
  { what: "the right value in lower case", of: (key) => acceptFor(key).toLowerCase() },
  { what: "MD5, not SHA-1", of: (key) => hash("md5", key + guid, "base64") },
  { what: "SHA-256, not SHA-1", of: (key) => hash("sha256", key + guid, "base64") },
  { what: "SHA-384, not SHA-1", of: (key) => hash("sha384", key + guid, "base64") },
  { what: "SHA-512, not SHA-1", of: (key) => hash("sha512", key + guid, "base64") },
  { what: "base64 of key and GUID, not hashed at all", of: (key) => base64(key + guid) },
];

function decoded(key: string): Buffer {
  return Buffer.from(key, "base64");
}

function decodedFirst(key: string): string {
  return sha1(decoded(key), guid);
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

/** How many characters a value must have to be called the beginning of another. */
const leastShared = 6;

/** Why a wrong value is wrong, as it follows "it is"; undefined where no recipe gives it. */
export function whyWrong(accept: string, key: string): string | undefined {
  if (accept === "") return "empty";
  const right = acceptFor(key);
  const found = recipes.find(({ of }) => of(key) === accept && accept !== right);
  if (found) return found.what;
  if (accept.length >= leastShared && right.startsWith(accept)) {
    return `the right value, cut off after ${accept.length} of its ${right.length} characters`;
  }
  if (accept.length > right.length && accept.startsWith(right)) {
    return `the right value, with ${accept.length - right.length} characters too many after it`;
  }
  return undefined;
}
