/**
 * Owns what comes from the keyboard: the bytes of the terminal as keys, decoded by node:readline,
 * and pasted text in one piece, which the terminal puts in brackets when asked to.
 */
import { EventEmitter } from "node:events";
import { emitKeypressEvents, type Key } from "node:readline";
import { StringDecoder } from "node:string_decoder";

/** Where bytes come from: a terminal's stdin, or what a test puts in its place. */
export interface TerminalInput {
  readonly isTTY?: boolean | undefined;
  setRawMode?(raw: boolean): unknown;
  on(event: "data", listener: (chunk: Buffer | string) => void): unknown;
  on(event: "end", listener: () => void): unknown;
  off(event: "data", listener: (chunk: Buffer | string) => void): unknown;
  off(event: "end", listener: () => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

/** Who is told. */
export interface KeyboardEvents {
  onKey(text: string | undefined, key: Key): void;
  onPaste(text: string): void;
  onEnd(): void;
}

const pasteStart = "\u001B[200~";
const pasteEnd = "\u001B[201~";

/** Makes the terminal mark what is pasted, or stop it. */
export const pasteMode = { on: "\u001B[?2004h", off: "\u001B[?2004l" };

/** Characters; what is pasted beyond is dropped, since nobody sends it as one message by hand. */
const longestPaste = 16 * 1024 * 1024;

/** How much of the end of the text may be the beginning of the marker; a lone escape is a key. */
function beginning(text: string, marker: string, least: number): number {
  for (let length = Math.min(marker.length - 1, text.length); length >= least; length--) {
    if (text.endsWith(marker.slice(0, length))) return length;
  }
  return 0;
}

/** Reads a terminal until stopped. */
export class Keyboard {
  readonly #input: TerminalInput;
  readonly #events: KeyboardEvents;
  readonly #keys = new EventEmitter();
  readonly #decoder = new StringDecoder("utf8");
  #held = "";
  #pasted: string[] | undefined = undefined;
  #pastedLength = 0;
  readonly #onData = (chunk: Buffer | string) => {
    this.#take(this.#held + (typeof chunk === "string" ? chunk : this.#decoder.write(chunk)));
  };
  readonly #onEnd = () => this.#events.onEnd();

  constructor(input: TerminalInput, events: KeyboardEvents) {
    this.#input = input;
    this.#events = events;
    this.#keys.on("keypress", (text: string | undefined, key: Key) => events.onKey(text, key));
    // Typed as a stream, though only its events are used.
    emitKeypressEvents(this.#keys as unknown as NodeJS.ReadableStream);
  }

  start(): void {
    this.#input.setRawMode?.(true);
    this.#input.on("data", this.#onData);
    this.#input.on("end", this.#onEnd);
    this.#input.resume();
  }

  stop(): void {
    this.#input.off("data", this.#onData);
    this.#input.off("end", this.#onEnd);
    this.#input.setRawMode?.(false);
    this.#input.pause();
  }

  #take(text: string): void {
    this.#held = "";
    let rest = text;
    while (rest !== "") {
      const marker = this.#pasted ? pasteEnd : pasteStart;
      const at = rest.indexOf(marker);
      if (at < 0) {
        const kept = beginning(rest, marker, this.#pasted ? 1 : 2);
        this.#held = kept > 0 ? rest.slice(-kept) : "";
        this.#pass(kept > 0 ? rest.slice(0, -kept) : rest);
        return;
      }
      this.#pass(rest.slice(0, at));
      rest = rest.slice(at + marker.length);
      const pasted = this.#pasted;
      this.#pasted = pasted ? undefined : [];
      this.#pastedLength = 0;
      if (pasted) this.#events.onPaste(pasted.join("").replace(/\r\n?/g, "\n"));
    }
  }

  #pass(text: string): void {
    if (text === "") return;
    if (!this.#pasted) {
      this.#keys.emit("data", text);
      return;
    }
    const room = longestPaste - this.#pastedLength;
    if (room <= 0) return;
    this.#pasted.push(text.slice(0, room));
    this.#pastedLength += text.length;
  }
}
