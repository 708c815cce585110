/**
 * Owns the cutting of a pasted command line into words as a POSIX shell does it, with bash's `$'…'`
 * and with what browsers copy for cmd.exe. Nothing is expanded: what was pasted may come from anywhere.
 */
import { WsctlError } from "../base/errors.js";

const escapes: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  e: "\x1b",
  E: "\x1b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** What `$'…'` makes of a backslash and what follows it; the length of that, and the text. */
function ansiEscape(text: string, at: number): readonly [length: number, value: string] {
  const rest = text.slice(at, at + 9);
  const coded =
    /^x([0-9a-f]{1,2})/i.exec(rest) ??
    /^u([0-9a-f]{1,4})/i.exec(rest) ??
    /^U([0-9a-f]{1,8})/i.exec(rest);
  if (coded) {
    const code = Number.parseInt(coded[1]!, 16);
    return [coded[0].length, code > 0x10_ff_ff ? "\ufffd" : String.fromCodePoint(code)];
  }
  const octal = /^[0-7]{1,3}/.exec(rest)?.[0];
  if (octal !== undefined) {
    return [octal.length, String.fromCharCode(Number.parseInt(octal, 8) & 0xff)];
  }
  const letter = text[at] ?? "";
  if (Object.hasOwn(escapes, letter)) return [1, escapes[letter]!];
  // An escape that is none keeps its backslash.
  return [1, /['"\\?]/.test(letter) ? letter : `\\${letter}`];
}

/** cmd.exe: a caret makes the next character an ordinary one, before a line break it joins lines. */
function withoutCarets(text: string): string {
  return text.replace(/\^\r?\n\s*/g, " ").replace(/\^([\s\S])/g, "$1");
}

/** The words, and whether there was something to expand, which stayed as it was written. */
export interface CommandWords {
  readonly words: readonly string[];
  /** `$NAME` and the like, as they stand outside of single quotes. */
  readonly unexpanded: readonly string[];
}

/** Collects the words of one command. */
class WordReader {
  readonly words: string[] = [];
  readonly unexpanded: string[] = [];
  readonly #text: string;
  #at = 0;
  #word: string | undefined = undefined;
  /** Where the last expansion that was noted ends. */
  #noticed = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): void {
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at++]!;
      if (/\s/.test(char)) this.#end();
      else if (char === "\\") this.#escaped();
      else if (char === "'") this.#single();
      else if (char === '"') this.#double();
      else if (char === "$" && this.#text[this.#at] === "'") this.#ansi();
      // What follows is another command, or where the output goes.
      else if (/[|;<>]/.test(char)) break;
      else this.#add(this.#noted(char));
    }
    this.#end();
  }

  #add(text: string): void {
    this.#word = (this.#word ?? "") + text;
  }

  #end(): void {
    if (this.#word !== undefined) this.words.push(this.#word);
    this.#word = undefined;
  }

  #escaped(): void {
    const next = this.#text[this.#at++];
    if (next === "\r" && this.#text[this.#at] === "\n") this.#at++;
    else if (next !== "\n" && next !== undefined) this.#add(next);
  }

  /** A character outside of single quotes; an expansion that begins there is noted. */
  #noted(char: string): string {
    const rest = this.#text.slice(this.#at - 1, this.#at + 60);
    const expansion = /^(?:\$(?:[A-Za-z_]\w*|\{[^}]*\}|\([^)]*\)?)|`[^`]*`?)/.exec(rest);
    // What stands within an expansion, or closes it, is none of its own.
    if (expansion && this.#at > this.#noticed) {
      this.unexpanded.push(expansion[0]);
      this.#noticed = this.#at - 1 + expansion[0].length;
    }
    return char;
  }

  #unclosed(quote: string): never {
    throw new WsctlError("WSCTL_EUSAGE", `the pasted command has a ${quote} that is not closed`, {
      hint: 'paste the whole command; in a shell, wrap it as in --curl "$(cat)" and end with Ctrl-D',
    });
  }

  #single(): void {
    const end = this.#text.indexOf("'", this.#at);
    if (end < 0) this.#unclosed("'");
    this.#add(this.#text.slice(this.#at, end));
    this.#at = end + 1;
  }

  #double(): void {
    this.#add("");
    for (;;) {
      const char = this.#text[this.#at++];
      if (char === undefined) this.#unclosed('"');
      if (char === '"') return;
      if (char !== "\\") this.#add(this.#noted(char));
      else if (/["\\$`\r\n]/.test(this.#text[this.#at] ?? "")) this.#escaped();
      else this.#add("\\");
    }
  }

  #ansi(): void {
    this.#add("");
    this.#at++;
    for (;;) {
      const char = this.#text[this.#at++];
      if (char === undefined) this.#unclosed("$'");
      if (char === "'") return;
      if (char !== "\\") {
        this.#add(char);
        continue;
      }
      const [length, value] = ansiEscape(this.#text, this.#at);
      this.#add(value);
      this.#at += length;
    }
  }
}

/**
 * Cuts a command into words. It ends where a pipe, a redirection or another command begins.
 * @throws WsctlError WSCTL_EUSAGE for a quote that is not closed
 */
export function commandWords(text: string): CommandWords {
  const isWindows = /\^"|\^\r?\n/.test(text);
  const reader = new WordReader(isWindows ? withoutCarets(text) : text);
  reader.read();
  return { words: reader.words, unexpanded: reader.unexpanded };
}
