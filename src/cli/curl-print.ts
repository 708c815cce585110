/** Owns the printing of a connection as a curl command, to try the same without wsctl. */
import { firstLocalAddress } from "../base/local-addresses.js";
import { shellWord } from "../base/shell-word.js";
import { newKey } from "../frame/handshake.js";
import { detoured, parseDetour } from "../dial/detour.js";
import { hostPort, parseTarget, type Target } from "../dial/target.js";
import { redactUrl } from "../base/redact-url.js";
import { isSecretName, redacted } from "../base/secret-name.js";
import { redactSubprotocols } from "../base/secret-subprotocols.js";
import type { ConnectionFlags } from "./connection-options.js";
import { variableOf } from "./text-source.js";

/** How to print. */
export interface CurlPrintOptions {
  /** Whether secrets that stand in the flags are shown; references stay references in any case. */
  readonly secrets: boolean;
  /** Names of headers, in small letters, whose values are secrets, whatever they are called. */
  readonly secretHeaders?: ReadonlySet<string> | undefined;
  /** Sec-WebSocket-Key; random unless told. */
  readonly key?: string;
}

/** Text within double quotes that is not expanded. */
function inDoubleQuotes(text: string): string {
  return text.replace(/["\\$`]/g, "\\$&");
}

/**
 * A value that may be a reference, with text before it: what the shell then looks up itself is not
 * written out.
 */
function secretWord(before: string, value: string, { secrets }: CurlPrintOptions): string {
  const name = variableOf(value);
  if (name !== undefined) return `"${inDoubleQuotes(before)}\${${name}}"`;
  if (value.startsWith("@")) {
    // Within $( ) quoting begins anew.
    const path = value.slice(1);
    return `"${inDoubleQuotes(before)}$(cat ${path.startsWith("-") ? "-- " : ""}${shellWord(path)})"`;
  }
  return shellWord(before + (secrets ? value.replace(/^text:/, "") : redacted));
}

function headerWord(line: string, { secrets, secretHeaders }: CurlPrintOptions): string {
  const [name = ""] = line.split(":");
  const isSecret = isSecretName(name) || secretHeaders?.has(name.trim().toLowerCase()) === true;
  // curl would take `Name:` for a wish to leave the header out.
  if (/^[^:@]+:\s*$/.test(line)) return shellWord(`${name};`);
  return shellWord(secrets || !isSecret || line.startsWith("@") ? line : `${name}: ${redacted}`);
}

function proxyWord(proxy: string, options: CurlPrintOptions): string {
  if (variableOf(proxy) !== undefined || proxy.startsWith("@")) {
    return secretWord("", proxy, options);
  }
  const plain = proxy.replace(/^text:/, "");
  const url = plain.includes("://") ? plain : `http://${plain}`;
  return shellWord(options.secrets ? url : redactUrl(url));
}

/**
 * The same connection under another name for SNI and the certificate, which curl takes from the URL:
 * what the URL said goes into the header Host and into `--connect-to`.
 */
function renamed(
  { authority, host, port }: Target,
  servername: string,
  { header = [], connectTo = [], unix }: Partial<ConnectionFlags>,
): { readonly authority: string; readonly lines: readonly string[] } {
  const end = detoured({ host, port }, connectTo.map(parseDetour));
  const isHostSaid = header.some((line) => /^host\s*:/i.test(line));
  const detour = `${servername}:${port}:${hostPort(end.host, end.port)}`;
  return {
    authority: `${servername}:${port}`,
    lines: [
      ...(isHostSaid ? [] : [`-H ${shellWord(`Host: ${authority}`)}`]),
      ...(unix === undefined ? [`--connect-to ${shellWord(detour)}`] : []),
    ],
  };
}

/** The command, a flag a line. @throws WsctlError WSCTL_EUSAGE for a URL that is none */
export function curlCommand(
  url: string,
  flags: Partial<ConnectionFlags>,
  options: CurlPrintOptions,
): string {
  const target = parseTarget(url);
  const { servername } = flags;
  const other =
    target.secure && servername !== undefined ? renamed(target, servername, flags) : undefined;
  const authority = other?.authority ?? target.authority;
  const shown = new URL(`${target.secure ? "https" : "http"}://${authority}${target.path}`);
  const address = options.secrets ? shown.href : redactUrl(shown.href);
  const lines = [`curl --include --no-buffer --http1.1 ${shellWord(address)}`];
  const add = (flag: string, word: string) => lines.push(`${flag} ${word}`);
  const header = (line: string) => add("-H", shellWord(line));
  header("Connection: Upgrade");
  header("Upgrade: websocket");
  header("Sec-WebSocket-Version: 13");
  header(`Sec-WebSocket-Key: ${options.key ?? newKey()}`);
  if (flags.origin !== undefined) header(`Origin: ${flags.origin}`);
  if (flags.subprotocol) {
    const names = options.secrets ? flags.subprotocol : redactSubprotocols(flags.subprotocol);
    header(`Sec-WebSocket-Protocol: ${names.join(", ")}`);
  }
  lines.push(...(other?.lines ?? []));
  for (const line of flags.header ?? []) add("-H", headerWord(line, options));
  if (flags.bearer) add("-H", secretWord("Authorization: Bearer ", flags.bearer, options));
  if (flags.user) add("-u", secretWord("", flags.user, options));
  if (flags.cookie) add("-H", secretWord("Cookie: ", flags.cookie, options));
  if (target.authorization !== undefined) {
    add("-H", headerWord(`Authorization: ${target.authorization}`, options));
  }
  if (flags.insecure) lines.push("--insecure");
  if (flags.ca !== undefined) add("--cacert", shellWord(flags.ca));
  if (flags.cert !== undefined) add("--cert", shellWord(flags.cert));
  if (flags.key !== undefined) add("--key", shellWord(flags.key));
  if (flags.passphrase) add("--pass", secretWord("", flags.passphrase, options));
  if (flags.ipv4) lines.push("--ipv4");
  if (flags.ipv6) lines.push("--ipv6");
  if (flags.proxy === false) add("--noproxy", shellWord("*"));
  else if (flags.proxy !== undefined) {
    // Without it curl would send a plain request through an HTTP proxy.
    add("--proxytunnel --proxy", proxyWord(flags.proxy, options));
  }
  if (flags.proxyCa !== undefined) add("--proxy-cacert", shellWord(flags.proxyCa));
  if (flags.proxyInsecure) lines.push("--proxy-insecure");
  for (const entry of flags.resolve ?? []) add("--resolve", shellWord(entry));
  for (const entry of flags.connectTo ?? []) add("--connect-to", shellWord(entry));
  const unix = flags.unix ?? target.unix;
  if (unix !== undefined) add("--unix-socket", shellWord(unix));
  const [local] = flags.localAddress ?? [];
  if (local !== undefined) add("--interface", firstLocalAddress(local));
  return lines.join(" \\\n  ");
}
