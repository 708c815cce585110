/**
 * Owns the look through a recording before it is replayed: what was redacted and has to be given, and
 * what values the server gave first and the client sent later. It is read as a stream.
 */
import type { KnownLine, MessageLine, RecordingHeader } from "../recording/line.js";
import { payloadOf } from "../recording/payload.js";
import type { Recorded } from "../recording/reader.js";
import { MessageView } from "../message/view.js";
import { type DetectedValue, Detector } from "./detect.js";
import { asKnown, isData } from "./known-line.js";
import { isRedacted, isRedactedUrl, recordedRequest } from "./recorded-request.js";
import { redactedFields } from "./redacted-fields.js";

/** What a recording is and what it needs. */
export interface Survey {
  readonly header: RecordingHeader;
  /** Whether there is nothing in it that could be replayed. */
  readonly isEmpty: boolean;
  /** The path and query of the first connection, where it is known and whole. */
  readonly target: string | undefined;
  /** Whether something of the address was redacted. */
  readonly isAddressRedacted: boolean;
  /** Names of headers that are offered again and of which something was redacted, as written. */
  readonly redactedHeaders: readonly string[];
  /** Names of the variables that stand for what was redacted in messages that are sent. */
  readonly redactedFields: readonly string[];
  /** Values that were received first and sent later, whole, where they were looked for. */
  readonly detected: ReadonlyMap<string, DetectedValue>;
}

/** So many names of fields are told. */
const mostFields = 100;

/** What is known so far. */
class Surveyor {
  target: string | undefined = undefined;
  isEmpty = true;
  isAddressRedacted = false;
  readonly headers = new Map<string, string>();
  readonly fields = new Set<string>();
  readonly detector = new Detector();
  readonly #detects: boolean;
  #in = 0;
  #out = 0;
  #upgrades = 0;

  constructor(detects: boolean) {
    this.#detects = detects;
  }

  look(line: KnownLine): void {
    if (line.k === "upgrade" || line.k === "in" || line.k === "out") this.isEmpty = false;
    if (line.k === "in" || line.k === "out") this.#message(line);
    if (line.k !== "upgrade") return;
    const { headers, origin = "", subprotocols } = recordedRequest(line);
    const said = [
      ...headers,
      ["Origin", origin] as const,
      ["Sec-WebSocket-Protocol", subprotocols.join(", ")] as const,
    ];
    for (const [name, value] of said) {
      if (isRedacted(value)) this.headers.set(name.toLowerCase(), name);
    }
    if (this.#upgrades++ > 0 || line.target === undefined) return;
    if (isRedactedUrl(line.target)) this.isAddressRedacted = true;
    else this.target = line.target;
  }

  #message(line: MessageLine): void {
    if (!isData(line)) return;
    const number = line.k === "in" ? ++this.#in : ++this.#out;
    const hides = line.k === "out" && line.redacted === true;
    if (!this.#detects && !hides) return;
    const view = new MessageView(line.op, payloadOf(line));
    if (hides && this.fields.size < mostFields) {
      for (const name of redactedFields(view)) this.fields.add(name);
    }
    if (!this.#detects) return;
    if (line.k === "in") this.detector.received(view, number);
    else this.detector.sent(view, number);
  }
}

/**
 * Looks through a recording; where nothing was redacted and nothing is to be detected, only at its
 * beginning.
 *
 * @throws WsctlError WSCTL_EUSAGE for what cannot be read as a recording
 */
export async function survey(
  recorded: Recorded,
  options: { readonly detects: boolean; readonly signal?: AbortSignal | undefined },
): Promise<Survey> {
  const header = await recorded.header;
  const surveyor = new Surveyor(options.detects);
  const isWhole = options.detects || header.redacted.length > 0;
  for await (const { line } of recorded) {
    if (options.signal?.aborted) break;
    const known = asKnown(line);
    if (known) surveyor.look(known);
    if (known?.k === "upgrade" && !isWhole) break;
  }
  const { target, isEmpty, isAddressRedacted, headers, fields, detector } = surveyor;
  return {
    header,
    isEmpty,
    target,
    isAddressRedacted: isAddressRedacted || isRedactedUrl(header.url),
    redactedHeaders: [...headers.values()],
    redactedFields: [...fields],
    detected: detector.found,
  };
}
