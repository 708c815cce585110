/**
 * Owns the addresses of this machine that connections leave from, as people write them: one, a
 * block, a range; and which addresses these come to.
 */
import { isIP, isIPv4 } from "node:net";
import { WsctlError } from "./errors.js";
import { formatCount } from "./quantity.js";

/** More than this help nobody: 28,232 ports each are far beyond what one machine can hold. */
const mostAddresses = 65_536;

const written = "write it like 127.0.0.2, 127.0.0.0/28, 127.0.0.1-127.0.0.20 or fd00::/124";

/** Addresses that follow each other, both ends included. */
interface Span {
  readonly version: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

/**
 * All addresses that these come to, in order, each once: an address, a block as `127.0.0.0/28`, a
 * range as `127.0.0.1-127.0.0.20`. A block of IPv4 is without its first and last address, those of the
 * network and of broadcast: what is bound to the latter leaves from another one. Blocks of one or two
 * addresses have neither (RFC 3021).
 * @throws WsctlError WSCTL_EUSAGE for what cannot be read, or comes to more than 65,536
 */
export function localAddresses(all: readonly string[]): string[] {
  const found = new Set<string>();
  const spans = all.map((text) => spanOf(text));
  let count = 0;
  for (const [index, span] of spans.entries()) {
    count += typeof span === "string" ? 1 : Number(span.last - span.first) + 1;
    if (count > mostAddresses) refuseMany(all.slice(0, index + 1).join(" and "), BigInt(count));
    if (typeof span === "string") found.add(span);
    else for (let at = span.first; at <= span.last; at++) found.add(textOf(at, span.version));
  }
  return [...found];
}

/** The first of them: for who can leave from one only. */
export function firstLocalAddress(text: string): string {
  const span = spanOf(text);
  return typeof span === "string" ? span : textOf(span.first, span.version);
}

/** What a text stands for; an address with a zone (`fe80::1%eth0`) is what it is. */
function spanOf(text: string): string | Span {
  const given = text.trim();
  if (isIP(given) !== 0) {
    return given.includes("%") ? given : textOf(valueOf(given), isIPv4(given) ? 4 : 6);
  }
  const span = given.includes("/") ? blockOf(text, given) : rangeOf(text, given);
  const count = span.last - span.first + 1n;
  if (count > mostAddresses) refuseMany(text, count);
  return span;
}

function blockOf(text: string, given: string): Span {
  const [address = "", bits = "", ...rest] = given.split("/");
  const version = versionOf(address);
  const width = version === 4 ? 32 : 128;
  if (version === undefined || rest.length > 0) refuse(text, written);
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > width) {
    refuse(text, `after the slash stands a number from 0 to ${width}, as in 127.0.0.0/28`);
  }
  const size = 1n << BigInt(width - Number(bits));
  const first = (valueOf(address) / size) * size;
  const last = first + size - 1n;
  const isPlain = version === 6 || size <= 2n;
  return isPlain ? { version, first, last } : { version, first: first + 1n, last: last - 1n };
}

function rangeOf(text: string, given: string): Span {
  const [from = "", to = "", ...rest] = given.split("-").map((end) => end.trim());
  const version = versionOf(from);
  if (version === undefined || versionOf(to) !== version || rest.length > 0) refuse(text, written);
  const [first, last] = [valueOf(from), valueOf(to)];
  if (first > last) refuse(text, `its first address comes after its last: write ${to}-${from}`);
  return { version, first, last };
}

/** Undefined for what is no address, or one with a zone, which has no neighbours. */
function versionOf(text: string): 4 | 6 | undefined {
  const version = text.includes("%") ? 0 : isIP(text);
  return version === 4 || version === 6 ? version : undefined;
}

function valueOf(address: string): bigint {
  if (isIPv4(address)) {
    return address.split(".").reduce((value, part) => (value << 8n) | BigInt(part), 0n);
  }
  // The URL parser brings every spelling, a dotted tail too, into groups of hexadecimal digits.
  const [head = "", tail] = hostOf(address).split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => "0");
  return [...before, ...zeros, ...after].reduce(
    (value, group) => (value << 16n) | BigInt(`0x${group}`),
    0n,
  );
}

function textOf(value: bigint, version: 4 | 6): string {
  if (version === 4) {
    const bits = Number(value);
    return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join(".");
  }
  const digits = value.toString(16).padStart(32, "0");
  return hostOf(digits.match(/.{4}/g)!.join(":"));
}

function hostOf(address: string): string {
  return new URL(`ws://[${address}]/`).hostname.slice(1, -1);
}

function refuse(text: string, hint: string): never {
  throw new WsctlError("WSCTL_EUSAGE", `"${text}" is not a local address`, { hint });
}

function refuseMany(text: string, count: bigint): never {
  const most = formatCount(mostAddresses);
  const said = count > Number.MAX_SAFE_INTEGER ? "more" : formatCount(Number(count));
  throw new WsctlError(
    "WSCTL_EUSAGE",
    `${text} is ${said} addresses; at most ${most} can be used`,
    {
      hint: "a smaller block will do, such as 127.0.0.0/28 with 14 addresses",
    },
  );
}
