/** Owns the grammar of WWW-Authenticate and Proxy-Authenticate (RFC 9110 §11.6.1). */

/** One challenge. */
export interface Challenge {
  readonly scheme: string;
  /** The names are in lower case; the last one counts. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** More than that nobody offers; the rest of a hostile value is not looked at. */
const longestValue = 8192;
const mostChallenges = 20;

const token = /[!#$%&'*+\-.^_`|~0-9A-Za-z]/;
/** What else a token68 may hold, as Negotiate and old forms of Basic use it. */
const ofToken68 = /[A-Za-z0-9\-._~+/=]/;

/** Reads a value from left to right, each character once. */
class Scanner {
  readonly #text: string;
  at = 0;

  constructor(text: string) {
    this.#text = text.slice(0, longestValue);
  }

  get isDone(): boolean {
    return this.at >= this.#text.length;
  }

  get next(): string {
    return this.#text.charAt(this.at);
  }

  /** As many characters as are of that kind. */
  take(kind: RegExp): string {
    const start = this.at;
    while (!this.isDone && kind.test(this.next)) this.at++;
    return this.#text.slice(start, this.at);
  }

  /** The text of a quoted string, or of a token. */
  value(): string {
    if (this.next !== '"') return this.take(token);
    let text = "";
    for (this.at++; !this.isDone && this.next !== '"'; this.at++) {
      if (this.next === "\\") this.at++;
      text += this.next;
    }
    this.at++;
    return text;
  }
}

/**
 * The challenges of one header line, of which there may be several: a comma separates both
 * challenges and parameters, so that a token is a parameter where `=` follows it. What cannot be
 * read is passed over.
 */
export function challengesOf(field: string): Challenge[] {
  const scanner = new Scanner(field);
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  while (!scanner.isDone && challenges.length < mostChallenges) {
    scanner.take(/[\s,]/);
    const name = scanner.take(token);
    if (name === "") {
      scanner.at++;
      continue;
    }
    const blanks = scanner.take(/[ \t]/);
    const current = challenges.at(-1);
    if (scanner.next === "=") {
      scanner.at++;
      scanner.take(/[ \t]/);
      const value = scanner.value();
      current?.parameters.set(name.toLowerCase(), value);
      continue;
    }
    challenges.push({ scheme: name, parameters: new Map() });
    if (blanks !== "") skipToken68(scanner);
  }
  return challenges;
}

/** A token68 stands alone; what is followed by a value is the first parameter, and is left. */
function skipToken68(scanner: Scanner): void {
  const start = scanner.at;
  const text = scanner.take(ofToken68);
  scanner.take(/[ \t]/);
  const isAlone = text !== "" && (scanner.isDone || scanner.next === ",");
  const isParameter = /^[^=]+=[^=]/.test(text) || (text.includes("=") && scanner.next === '"');
  if (!isAlone || isParameter) scanner.at = start;
}
