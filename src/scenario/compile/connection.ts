/** Owns compiling how connections are opened: the document's words, and the command line's over them. */
import { WsctlError } from "../../base/errors.js";
import { localAddresses } from "../../base/local-addresses.js";
import { formatSize, parseDuration, parseSize } from "../../base/quantity.js";
import { compileTemplate } from "../../message/template.js";
import { parseTemplate } from "../../message/template-syntax.js";
import type { Plan } from "../plan.js";
import type { ConnectionSpec, TlsSpec } from "../scenario.js";
import { listed } from "../users.js";
import type { Compiling } from "./compiling.js";
import { withEnv } from "./env-holes.js";
import { within } from "./limits.js";

type Header = readonly [string, string];

/**
 * How connections are opened. Headers and subprotocols keep their templates, but for those of the
 * environment.
 * @param given what the command line says; it goes first, header by header
 * @throws WsctlError WSCTL_EUSAGE
 */
export function connectionOf(
  compiling: Compiling,
  given: Partial<ConnectionSpec>,
): Plan["connection"] {
  const { scenario, env } = compiling;
  const written = scenario.config?.connection ?? {};
  const maxPayload = given.maxPayload ?? String(written.maxPayload ?? "16MiB");
  const own = <Item>(value: Item | readonly Item[] | undefined): Item[] =>
    value === undefined ? [] : listed(value, []).map(({ item }) => item);
  const ownHeaders = writtenHeaders(compiling);
  const secretHeaders = [
    ...(given.secretHeaders ?? []),
    ...ownHeaders.flatMap(([name, value]) => (usesEnv(value) ? [name.toLowerCase()] : [])),
  ];
  const ownSubprotocols = given.subprotocols ? [] : own<string>(written.subprotocols);
  const secretSubprotocols = ownSubprotocols.filter(usesEnv).map((name) => settled(name, env));
  return {
    headers: headersOf(
      ownHeaders.map(([name, value]) => [name, settled(value, env)]),
      given.headers ?? [],
    ),
    ...(secretHeaders.length > 0 ? { secretHeaders } : {}),
    subprotocols: given.subprotocols ?? ownSubprotocols.map((name) => settled(name, env)),
    ...(secretSubprotocols.length > 0 ? { secretSubprotocols } : {}),
    origin: given.origin ?? written.origin,
    handshakeTimeout: parseDuration(
      given.handshakeTimeout ?? String(written.handshakeTimeout ?? "10s"),
    ),
    maxPayload: within("the largest payload", parseSize(maxPayload), 1, 2 ** 31 - 1, formatSize),
    family: given.family ?? written.family,
    localAddress: readable(given.localAddress ?? own<string>(written.localAddress)),
    tls: given.tls ? { ...tlsOf(compiling), ...given.tls } : tlsOf(compiling),
    ...(given.route ? { route: given.route } : {}),
  };
}

/** Local addresses as they are written, once it is certain that they can be read, all together. */
function readable(written: readonly string[]): readonly string[] {
  localAddresses(written);
  return written;
}

/** A header of the command line stands in for all of that name. */
function headersOf(written: readonly Header[], given: readonly Header[]): Header[] {
  const names = new Set(given.map(([name]) => name.toLowerCase()));
  return [...written.filter(([name]) => !names.has(name.toLowerCase())), ...given];
}

/** The headers as the file has them, templates and all. */
function writtenHeaders({ scenario }: Compiling): Header[] {
  const { headers, cookies } = scenario.config?.connection ?? {};
  const lines: Header[] = Array.isArray(headers)
    ? headers.map((line) => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
      })
    : Object.entries(headers ?? {}).flatMap(([name, value]) =>
        listed<string>(value, []).map(({ item }): Header => [name, item]),
      );
  const pairs = Object.entries(cookies ?? {}).map(([name, value]) => `${name}=${value}`);
  if (pairs.length > 0) lines.push(["Cookie", pairs.join("; ")]);
  return lines;
}

/** Whether the environment says a part of it: what is kept there is kept from files, too. */
function usesEnv(template: string): boolean {
  return template.includes("{{") && template.includes("$env");
}

function tlsOf({ scenario, env, files }: Compiling): TlsSpec {
  const { ca, cert, key, insecure, servername, passphrase } =
    scenario.config?.connection?.tls ?? {};
  const content = (written: string | undefined): string | undefined =>
    written === undefined ? undefined : files.get(written)?.toString("utf8");
  if ((cert === undefined) !== (key === undefined)) {
    throw new WsctlError("WSCTL_EUSAGE", "tls: cert and key go together", {
      hint: "a certificate is of no use without its private key",
    });
  }
  const found = {
    ca: content(ca),
    cert: content(cert),
    key: content(key),
    insecure,
    servername,
    passphrase: passphrase === undefined ? undefined : secretOf(passphrase, env),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/**
 * A template with the values of the environment: as plain text where nothing else is in it, so that
 * a token of the environment asks for no virtual users.
 */
function settled(written: string, env: ReadonlyMap<string, string>): string {
  if (!written.includes("{{")) return written;
  const template = withEnv(written, env);
  const isEnvOnly = parseTemplate(template).every(
    (piece) => typeof piece === "string" || piece.kind === "literal",
  );
  const text = isEnvOnly ? compileTemplate(template, { names: new Map() }).constant : undefined;
  return text === undefined || text.includes("{{") ? template : text;
}

/** A passphrase is needed before there are connections: it is a template of the environment only. */
function secretOf(written: string, env: ReadonlyMap<string, string>): string {
  return compileTemplate(withEnv(written, env), { names: new Map() }).constant ?? written;
}
