/**
 * Owns the way to the server in the words of commands, so that a command that shows a finding again
 * goes there as the user did. What is secret about the way is looked up by the shell or left open.
 */
import { shellWord } from "../base/shell-word.js";
import { detoured } from "../dial/detour.js";
import type { DialOptions } from "../dial/dial.js";
import { hostPort, type Target } from "../dial/target.js";
import { isIP } from "node:net";
import { mark } from "./secret-mark.js";
import type { Given, KeptHeader } from "./subject.js";

/** What the shell looks up itself: `env:NAME` and `@file` as flags have them; undefined for others. */
function lookedUp(reference: string, before = ""): string | undefined {
  const name = /^env:([A-Za-z_]\w*)$/.exec(reference)?.[1];
  if (name !== undefined) return `"${before}$${name}"`;
  if (!reference.startsWith("@")) return undefined;
  // Within $( ) quoting begins anew.
  const path = reference.slice(1);
  return `"${before}$(cat ${path.startsWith("-") ? "-- " : ""}${shellWord(path)})"`;
}

/** What curl is told so that the shell looks up the secret of a header; undefined where it cannot. */
export function keptWords({ name, before, reference }: KeptHeader): string[] | undefined {
  const isBasic = before === undefined;
  const word = lookedUp(reference, isBasic ? "" : `${name}: ${before}`);
  return word === undefined ? undefined : [isBasic ? "-u" : "-H", word];
}

function valueOf(words: readonly string[], flag: string): string | undefined {
  const at = words.indexOf(flag);
  return at < 0 ? undefined : words[at + 1];
}

/** The proxy for curl, which tunnels through an HTTP proxy for https:// only unless told. */
function proxyWords(reference: string | undefined, { proxy }: DialOptions): string[] {
  const word = reference === undefined ? undefined : lookedUp(reference);
  if (word !== undefined) return ["--proxytunnel", "--proxy", word];
  // It came from the environment, where curl may look for another name.
  if (!proxy) return [];
  const isSecret = proxy.user !== undefined || proxy.password !== undefined;
  const shown = isSecret ? proxy.shown.replace("://", `://${mark}@`) : proxy.shown;
  return ["--proxytunnel", "--proxy", shellWord(shown)];
}

/** What curl and wsctl call by the same name, or nearly. */
function commonWords({ proxy, localAddress }: DialOptions, leaveFrom: string): string[] {
  return [
    ...(proxy?.tls?.insecure === true ? ["--proxy-insecure"] : []),
    ...(localAddress === undefined ? [] : [leaveFrom, shellWord(localAddress)]),
  ];
}

function curlWords(way: NonNullable<Given["way"]>, dial: DialOptions): string[] {
  const isTold = way.curl.includes("--proxy") || way.curl.includes("--noproxy");
  const secret = valueOf(way.wsctl, "--passphrase");
  const word = secret === undefined ? undefined : lookedUp(secret);
  return [
    ...way.curl.map(shellWord),
    ...(isTold ? [] : proxyWords(valueOf(way.wsctl, "--proxy"), dial)),
    ...(dial.tls?.passphrase === undefined ? [] : ["--pass", word ?? mark]),
    ...commonWords(dial, "--interface"),
  ];
}

function wsctlWords(
  way: NonNullable<Given["way"]>,
  dial: DialOptions,
  clean: (text: string) => string,
): string[] {
  const isOpen = dial.tls?.passphrase !== undefined && !way.wsctl.includes("--passphrase");
  return [
    ...(way.said ?? []).map((word) => shellWord(clean(word))),
    ...way.wsctl.map(shellWord),
    ...(isOpen ? ["--passphrase", mark] : []),
    ...commonWords(dial, "--local-address"),
  ];
}

/**
 * A command, and the flags that lead to the server as the user has it.
 * @param clean takes known secrets out of what is said there
 */
export function onTheWay(
  command: string,
  { way }: Pick<Given, "way">,
  dial: DialOptions = {},
  clean: (text: string) => string = (text) => text,
): string {
  if (way === undefined) return command;
  const words = command.startsWith("curl ")
    ? curlWords(way, dial)
    : command.startsWith("wsctl ")
      ? wsctlWords(way, dial, clean)
      : [];
  return [command, ...words].join(" ");
}

/** What curl is to be told so that it asks for another name by SNI. */
interface Renaming {
  /** For the URL: curl takes the name from there, for the certificate as well. */
  readonly authority: string;
  readonly words: readonly string[];
}

/** Undefined where the name asked for is that of the target anyway, or no name is. */
export function renamed(
  { secure, host, port, unix: path }: Target,
  { tls, detours, unix = path }: DialOptions,
): Renaming | undefined {
  const name = tls?.servername ?? "";
  if (!secure || name === "" || name === host || isIP(name) !== 0) return undefined;
  const end = detoured({ host, port }, detours);
  const detour = `${name}:${port}:${hostPort(end.host, end.port)}`;
  return {
    authority: `${name}:${port}`,
    words: unix === undefined ? ["--connect-to", shellWord(detour)] : [],
  };
}
