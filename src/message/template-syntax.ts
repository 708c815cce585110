/**
 * Owns the grammar of templates:
 *
 * ```
 * template = *( TEXT / escape / hole )
 * escape   = "\{{"                                  ; two literal braces
 * hole     = "{{" ( literal / call / name ) "}}"    ; white space is free within
 * call     = "$" WORD [ "." WORD ] [ "(" [ argument *( "," argument ) ] ")" ]
 * argument = literal / name
 * literal  = NUMBER / DQUOTE *CHAR DQUOTE / SQUOTE *CHAR SQUOTE    ; "\" makes the next literal
 * name     = WORD *( "." WORD )
 * ```
 * A backslash means something only right before "{{"; to have one in front of a hole, write
 * `{{ "\\" }}{{ name }}`.
 */
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";

/** A value written in the template itself. */
export interface Literal {
  readonly kind: "literal";
  readonly column: number;
  readonly value: string | number;
}

/** A variable, a feeder's column, or a member of one. */
export interface Name {
  readonly kind: "name";
  readonly column: number;
  readonly name: string;
}

/** A built-in, with what is in its parentheses. */
export interface Call {
  readonly kind: "call";
  readonly column: number;
  /** With its `$`. */
  readonly name: string;
  /** What follows the dot: the NAME of `$env.NAME`. */
  readonly property: string | undefined;
  readonly args: readonly (Literal | Name)[];
}

/** What stands in a hole. */
export type Expression = Literal | Name | Call;

/** The most holes that one template may have. */
const maxHoles = 10_000;

/**
 * A mistake in a template, with its place.
 * @param column from 1, in UTF-16 units
 */
export function mistake(source: string, column: number, what: string, hint?: string): WsctlError {
  return new WsctlError("WSCTL_EUSAGE", `template: ${what}`, {
    hint,
    where: [`column ${column} of ${safeLine(source)}`],
  });
}

/**
 * Cuts a template into literal text and holes.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function parseTemplate(source: string): readonly (string | Expression)[] {
  const pieces: (string | Expression)[] = [];
  let text = "";
  let holes = 0;
  let at = 0;
  for (;;) {
    const open = source.indexOf("{{", at);
    if (open < 0) break;
    if (open > at && source[open - 1] === "\\") {
      text += `${source.slice(at, open - 1)}{{`;
      at = open + 2;
      continue;
    }
    text += source.slice(at, open);
    if (text !== "") pieces.push(text);
    text = "";
    if (++holes > maxHoles) throw mistake(source, open + 1, `more than ${maxHoles} holes`);
    const reader = new HoleReader(source, open + 2);
    pieces.push(reader.read(open + 1));
    at = reader.at;
  }
  text += source.slice(at);
  if (text !== "") pieces.push(text);
  return pieces;
}

const space = /\s*/y;
const number = /-?\d+(?:\.\d+)?(?![\w.])/y;
const word = /[\w-]+(?:\.[\w-]+)*/y;
const builtin = /(\$\w*)(?:\.(\w+))?/y;

/** Reads one hole, from behind its opening braces. */
class HoleReader {
  readonly #source: string;
  at: number;

  constructor(source: string, at: number) {
    this.#source = source;
    this.at = at;
  }

  read(column: number): Expression {
    this.#take(space);
    if (this.#source.startsWith("}}", this.at)) {
      throw this.#refuse("nothing between {{ and }}", "name a variable, or write \\{{ for braces");
    }
    const expression = this.#call() ?? this.#argument();
    this.#take(space);
    if (this.#source.startsWith("}}", this.at)) {
      this.at += 2;
      return expression;
    }
    if (this.#source.includes("}}", this.at)) {
      throw this.#refuse(
        `unexpected "${safeLine(this.#source.slice(this.at), 20)}"`,
        "expected }}",
      );
    }
    throw mistake(
      this.#source,
      column,
      "{{ is not closed",
      "close it with }}, or write \\{{ for two literal braces",
    );
  }

  #call(): Call | undefined {
    const column = this.at + 1;
    const found = this.#take(builtin);
    if (!found) return undefined;
    const args: (Literal | Name)[] = [];
    this.#take(space);
    if (this.#skip("(")) {
      this.#take(space);
      while (!this.#skip(")")) {
        if (args.length > 0 && !this.#skip(",")) throw this.#refuse("expected , or )");
        this.#take(space);
        args.push(this.#argument());
        this.#take(space);
      }
    }
    return { kind: "call", column, name: found[1]!, property: found[2], args };
  }

  #argument(): Literal | Name {
    const column = this.at + 1;
    const quote = this.#source[this.at];
    if (quote === '"' || quote === "'") return { kind: "literal", column, value: this.#string() };
    const digits = this.#take(number);
    if (digits) return { kind: "literal", column, value: Number(digits[0]) };
    const name = this.#take(word);
    if (name) return { kind: "name", column, name: name[0] };
    throw this.#refuse("expected a name, a number or text in quotes", "write \\{{ for two braces");
  }

  #string(): string {
    const start = this.at;
    const quote = this.#source[this.at++];
    let value = "";
    while (this.at < this.#source.length) {
      let char = this.#source[this.at++]!;
      if (char === quote) return value;
      if (char === "\\") char = this.#source[this.at++] ?? "";
      value += char;
    }
    throw mistake(this.#source, start + 1, `${quote} is not closed`);
  }

  /** What the (sticky) pattern finds right here, which is then behind us. */
  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.#source) ?? undefined;
    if (found) this.at += found[0].length;
    return found;
  }

  #skip(char: string): boolean {
    const here = this.#source[this.at] === char;
    if (here) this.at++;
    return here;
  }

  #refuse(what: string, hint?: string): WsctlError {
    return mistake(this.#source, this.at + 1, what, hint);
  }
}
