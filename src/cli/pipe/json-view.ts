/** Owns the JSON lines of a pipe, version 1: one object a line for every event, frame and message. */
import { isUtf8 } from "node:buffer";
import { WsctlError } from "../../base/errors.js";
import { Opcode } from "../../frame/opcode.js";
import type { Phases, Upgrade } from "../../frame/upgrade.js";
import type { LensView } from "../../lens/lens.js";
import { closeOf, opcodeName } from "../../session/frame-text.js";
import type {
  SessionEnd,
  SessionFrame,
  SessionGap,
  SessionMessage,
} from "../../session/session-events.js";
import { failureFacts } from "./failure-facts.js";
import { ignoredSubprotocols } from "./ignored-subprotocols.js";
import type { Output } from "./output.js";
import type { PipeView } from "./view.js";

/** What the first line says. */
export interface JsonHead {
  /** Such as `wsctl/0.1.0`. */
  readonly tool: string;
  /** Without secrets. */
  readonly url: string;
  /** ISO 8601; all times after it are milliseconds since then. */
  readonly startedAt: string;
}

// What JSON leaves as it is and a terminal would obey: DEL, C1, the bidi controls and their like.
const unsafe =
  // oxlint-disable-next-line no-control-regex -- control characters are the subject here
  /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Longer text does not fit into a string once it is escaped. */
const longestText = 64 * 1024 * 1024;

/** Writes events. */
export class JsonView implements PipeView {
  readonly #output: Output;
  readonly #head: JsonHead;
  readonly #isSafe: boolean;
  readonly #now: () => number;

  /**
   * @param isSafe whether characters that a terminal obeys are escaped; it is the same JSON
   * @param now milliseconds since the session began, as the times of frames and messages are
   */
  constructor(output: Output, head: JsonHead, isSafe: boolean, now: () => number) {
    this.#output = output;
    this.#head = head;
    this.#isSafe = isSafe;
    this.#now = now;
  }

  begin(): void {
    this.#line({ event: "start", version: 1, ...this.#head });
  }

  opened(upgrade: Upgrade, gap: number | undefined, unconfirmed: readonly string[]): void {
    const { response, subprotocol, extensions, phases, tls } = upgrade;
    const { status } = response;
    const ignored = ignoredSubprotocols(upgrade);
    this.#event("open", this.#now(), {
      status,
      subprotocol,
      ...(ignored.length > 0 ? { ignoredSubprotocols: ignored } : {}),
      extensions,
      phases: phasesOf(phases, tls !== undefined),
      tls,
      gap: gap === undefined ? undefined : rounded(gap),
      ...(unconfirmed.length > 0 ? { unconfirmed } : {}),
    });
  }

  message(message: SessionMessage, view: LensView | undefined): boolean {
    const { direction, number, binary, data, at, wire, frames, compressed } = message;
    const opcode = binary ? Opcode.binary : Opcode.text;
    const facts = { direction, opcode, type: opcodeName(opcode), number };
    // Of what came unseen, nobody knows them.
    const onWire = frames === 0 ? {} : { wire, frames, compressed };
    this.#event("message", at, {
      ...facts,
      size: data.length,
      ...onWire,
      ...payload(data, binary),
      ...(view && { lens: { title: view.title, kind: view.kind, body: view.body } }),
    });
    return true;
  }

  frame({ direction, at, opcode, control, ...facts }: SessionFrame): void {
    const said = control && {
      ...payload(control, opcode === Opcode.close || !isUtf8(control)),
      ...(opcode === Opcode.close ? closeOf(control) : {}),
    };
    this.#event("frame", at, { direction, opcode, type: opcodeName(opcode), ...facts, ...said });
  }

  rtt(ms: number): void {
    this.#event("rtt", this.#now(), { rtt: rounded(ms) });
  }

  unseen(violation: Error): void {
    this.#event("unseen", this.#now(), errorFacts(violation));
  }

  lost(end: SessionEnd): void {
    this.#event("lost", this.#now(), endFacts(end));
  }

  waiting({ attempt, delay }: SessionGap): void {
    this.#event("waiting", this.#now(), { attempt, delay: rounded(delay) });
  }

  ended(end: SessionEnd): void {
    this.#event("end", this.#now(), endFacts(end));
  }

  failed(error: Error): void {
    this.#event("error", this.#now(), { ...errorFacts(error), ...failureFacts(error) });
  }

  #event(event: string, time: number, facts: object): void {
    this.#line({ event, time: rounded(time), ...facts });
  }

  #line(value: object): void {
    const json = JSON.stringify(value);
    const text = this.#isSafe ? json.replace(unsafe, escaped) : json;
    this.#output.write(Buffer.from(`${text}\n`));
  }
}

function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Milliseconds, to the microsecond. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** The phases that took place, each rounded; there is no TLS in a plain connection. */
function phasesOf(phases: Phases, isSecure: boolean): object {
  const took: [string, number][] = Object.entries(phases);
  return Object.fromEntries(
    took
      .filter(([phase]) => phase !== "tls" || isSecure)
      .map(([phase, ms]) => [phase, rounded(ms)]),
  );
}

/** Text as text and bytes as base64; what is too long for a line is left out, and said to be. */
function payload(data: Buffer, binary: boolean): object {
  if (data.length > longestText) return { omitted: true };
  return binary ? { b64: data.toString("base64") } : { data: data.toString("utf8") };
}

function endFacts({ code, reason, by, clean, error }: SessionEnd): object {
  return { code, reason, by, clean, ...(error ? { error: errorFacts(error) } : {}) };
}

function errorFacts(error: Error): object {
  if (!(error instanceof WsctlError)) return { message: error.message };
  const { code, message, hint, where } = error;
  return { code, message, hint, where };
}
