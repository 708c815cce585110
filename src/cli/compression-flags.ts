/** Owns the reading of the compression flags: whether permessage-deflate is offered, and how. */
import { WsctlError } from "../base/errors.js";
import { nearest } from "../base/nearest.js";
import type { CompressionOffer } from "../session/session-options.js";
import type { ConnectionFlags } from "./connection-options.js";

/** What browsers offer: whatever window the server would like the client to have. */
const usualOffer: CompressionOffer = { clientMaxWindowBits: true };

type Draft = { -readonly [Key in keyof CompressionOffer]: CompressionOffer[Key] };

function refuse(message: string, hint: string): never {
  throw new WsctlError("WSCTL_EUSAGE", message, { hint });
}

/** The size of a window (RFC 7692 §7.1.2). */
function bits(name: string, value: string): number {
  if (/^(?:[89]|1[0-5])$/.test(value)) return Number(value);
  return refuse(`${name} is "${value}", but a window has 8 to 15 bits`, `write it like ${name}=10`);
}

/** RFC 7692 §7.1; each takes its value, undefined where it has none. */
const parameters: Readonly<Record<string, (draft: Draft, value: string | undefined) => void>> = {
  server_no_context_takeover: (draft, value) => {
    draft.serverNoContextTakeover = bare("server_no_context_takeover", value);
  },
  client_no_context_takeover: (draft, value) => {
    draft.clientNoContextTakeover = bare("client_no_context_takeover", value);
  },
  server_max_window_bits: (draft, value) => {
    draft.serverMaxWindowBits = bits("server_max_window_bits", value ?? "");
  },
  client_max_window_bits: (draft, value) => {
    draft.clientMaxWindowBits = value === undefined ? true : bits("client_max_window_bits", value);
  },
};

function bare(name: string, value: string | undefined): true {
  return value === undefined ? true : refuse(`${name} takes no value`, `write it like ${name}`);
}

function parseParameters(text: string): CompressionOffer {
  const draft: Draft = {};
  const seen = new Set<string>();
  for (const part of text.split(/[;,]/)) {
    const [written = "", value] = part.split("=").map((side) => side.trim());
    const name = written.toLowerCase().replaceAll("-", "_");
    if (name === "") continue;
    const take = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (!take) {
      const guess = nearest(name, Object.keys(parameters));
      return refuse(
        `"${written}" is not a parameter of permessage-deflate`,
        guess ? `did you mean ${guess}?` : `there are ${Object.keys(parameters).join(", ")}`,
      );
    }
    if (seen.has(name)) refuse(`${name} is given twice`, "leave one of them out");
    seen.add(name);
    take(draft, value?.replace(/^"(.*)"$/, "$1"));
  }
  return draft;
}

/**
 * What is to be offered; undefined offers nothing.
 *
 * @param usually whether the command offers compression unless it is told
 * @throws WsctlError WSCTL_EUSAGE for parameters that cannot be used
 */
export function compressionOffer(
  { compress, compressParams }: ConnectionFlags,
  usually: boolean,
): CompressionOffer | undefined {
  if (compress === false && compressParams !== undefined) {
    refuse("--no-compress and --compress-params exclude each other", "leave one of them out");
  }
  if (compressParams !== undefined) return parseParameters(compressParams);
  return (compress ?? usually) ? usualOffer : undefined;
}

/**
 * For commands that do not compress.
 * @throws WsctlError WSCTL_EUSAGE where it was asked for
 */
export function refuseCompression(flags: ConnectionFlags, command: string): void {
  if (compressionOffer(flags, false) === undefined) return;
  refuse(
    `${command} does not compress`,
    "its frames go out as they are, so that sizes and times are those of the payload; leave --compress and --compress-params out",
  );
}
