/** Owns the flags that mean the same for every command, and how their values are read. */
import { readFileSync } from "node:fs";
import { type Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { messageOf, WsctlError } from "../base/errors.js";
import { parseDuration, parseSize } from "../base/quantity.js";
import type { ConnectionSpec, TlsSpec } from "../scenario/scenario.js";

/** Collects a flag that may be given several times. */
export function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/** A commander parser that checks with `parse` and keeps the text as it was written. */
export function checkedBy(parse: (text: string) => number): (text: string) => string {
  return (text) => {
    checked(parse)(text);
    return text;
  };
}

/** A commander parser whose value is what `parse` makes of the text. */
export function checked(parse: (text: string) => number): (text: string) => number {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      const hint = error instanceof WsctlError && error.hint ? `; ${error.hint}` : "";
      throw new InvalidArgumentError(`${messageOf(error)}${hint}`);
    }
  };
}

/** A port number; 0 is any free one. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError("A port is a number from 0 to 65535.");
}

const connectionGroup = "Connection:";

/** Adds the flags that say how connections are opened. */
export function withConnectionOptions(command: Command) {
  return command
    .optionsGroup(connectionGroup)
    .option("-H, --header <line>", "send a header, 'Name: value' or @file (repeatable)", collect)
    .option("--cookie <pairs>", "send a Cookie header, 'a=1; b=2' or @file")
    .option("--origin <url>", "send an Origin header")
    .option("-s, --subprotocol <name>", "offer a subprotocol (repeatable)", collect)
    .option("--bearer <token>", "send Authorization: Bearer, the token or @file")
    .option("--user <user:password>", "send Authorization: Basic, the pair or @file")
    .option("-k, --insecure", "do not verify the server's certificate")
    .option("--ca <file>", "trust this CA (PEM)")
    .option("--cert <file>", "present this client certificate (PEM)")
    .option("--key <file>", "its private key (PEM)")
    .option("--passphrase <text>", "of the private key, the text or @file")
    .option("--servername <name>", "name for SNI and for checking the certificate")
    .option("--local-address <ip>", "leave from this address (repeatable: taken in turn)", collect)
    .addOption(new Option("-4, --ipv4", "only IPv4 addresses").conflicts("ipv6"))
    .addOption(new Option("-6, --ipv6", "only IPv6 addresses"))
    .option("--timeout <duration>", "for the whole handshake", checkedBy(parseDuration), "10s")
    .option(
      "--max-payload <size>",
      "largest message that is accepted",
      checkedBy(parseSize),
      "16MiB",
    );
}

/** The values of those flags. */
export type ConnectionFlags = ReturnType<ReturnType<typeof withConnectionOptions>["opts"]>;

/**
 * The connection that the flags describe; files are read here.
 * @throws WsctlError WSCTL_EUSAGE for a header or a file that cannot be used
 */
export function connectionSpec(flags: ConnectionFlags): ConnectionSpec {
  const headers = (flags.header ?? []).flatMap(headerLines);
  if (flags.bearer) headers.push(["Authorization", `Bearer ${textOrFile(flags.bearer)}`]);
  if (flags.user) {
    if (!textOrFile(flags.user).includes(":")) {
      throw new WsctlError("WSCTL_EUSAGE", "--user has no colon", {
        hint: "write it like --user name:password, or --user @file",
      });
    }
    const pair = Buffer.from(textOrFile(flags.user)).toString("base64");
    headers.push(["Authorization", `Basic ${pair}`]);
  }
  if (flags.cookie) headers.push(["Cookie", textOrFile(flags.cookie)]);
  const credentials = headers.filter(([name]) => name.toLowerCase() === "authorization");
  if ((flags.bearer !== undefined || flags.user !== undefined) && credentials.length > 1) {
    throw new WsctlError("WSCTL_EUSAGE", "credentials are given more than once", {
      hint: "choose one of --bearer, --user and -H 'Authorization: …'",
    });
  }
  if ((flags.cert === undefined) !== (flags.key === undefined)) {
    throw new WsctlError("WSCTL_EUSAGE", "--cert and --key go together", {
      hint: "a certificate is of no use without its private key",
    });
  }
  return {
    headers,
    subprotocols: flags.subprotocol ?? [],
    ...(flags.origin === undefined ? {} : { origin: flags.origin }),
    handshakeTimeout: flags.timeout,
    maxPayload: flags.maxPayload,
    ...(flags.ipv4 ? { family: 4 as const } : {}),
    ...(flags.ipv6 ? { family: 6 as const } : {}),
    localAddress: flags.localAddress ?? [],
    tls: tlsSpec(flags),
  };
}

function tlsSpec(flags: ConnectionFlags): TlsSpec {
  return {
    ...(flags.insecure ? { insecure: true } : {}),
    ...(flags.ca === undefined ? {} : { ca: fileText(flags.ca) }),
    ...(flags.cert === undefined ? {} : { cert: fileText(flags.cert) }),
    ...(flags.key === undefined ? {} : { key: fileText(flags.key) }),
    ...(flags.passphrase === undefined ? {} : { passphrase: textOrFile(flags.passphrase) }),
    ...(flags.servername === undefined ? {} : { servername: flags.servername }),
  };
}

function headerLines(value: string): [string, string][] {
  const lines = value.startsWith("@") ? fileText(value.slice(1)).split(/\r?\n/) : [value];
  return lines
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const colon = line.indexOf(":");
      if (colon > 0) return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
      // The rest may be a secret.
      const [first = ""] = line.trim().split(/\s/);
      throw new WsctlError("WSCTL_EUSAGE", `"${first} …" is not a header: it has no colon`, {
        hint: "write it like -H 'X-Tenant: blue'",
      });
    });
}

/** The text itself, or for `@file` what the file holds, the last line break taken off. */
export function textOrFile(value: string): string {
  return value.startsWith("@") ? fileText(value.slice(1)).replace(/\r?\n$/, "") : value;
}

function fileText(path: string): string {
  return fileBytes(path).toString("utf8");
}

/**
 * What the file holds.
 * @throws WsctlError WSCTL_EUSAGE when it cannot be read
 */
export function fileBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    const why = messageOf(cause).replace(/, \w+( '.*')?$/, "");
    throw new WsctlError("WSCTL_EUSAGE", `cannot read ${path}: ${why}`, { cause });
  }
}
