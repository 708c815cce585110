/** Owns a terminal without a terminal: keys go in, and what a person would see can be asked for. */
import { EventEmitter } from "node:events";
import { stripVTControlCharacters } from "node:util";
import { Chalk } from "chalk";
import type { Ink } from "../../src/report/ink.js";

/** Ink without colours. */
export const plain: Ink = { chalk: new Chalk({ level: 0 }), width: 80 };

/** Both directions of a terminal that is not there. */
export class FakeTerminal {
  readonly input: FakeInput;
  readonly output: FakeOutput;

  constructor(columns = 80) {
    this.input = new FakeInput();
    this.output = new FakeOutput(columns);
  }

  /** Types; each argument is what one key sends. */
  type(...keys: readonly string[]): void {
    for (const key of keys) this.input.emit("data", Buffer.from(key));
  }

  /** Everything written so far, without cursor movement and colours. */
  get text(): string {
    return stripVTControlCharacters(this.output.written);
  }

  /** Resolves when the text written since `from` holds that; rejects after a while. */
  async see(what: string | RegExp, from = 0): Promise<string> {
    const found = () => {
      const text = this.text.slice(from);
      return typeof what === "string" ? text.includes(what) : what.test(text);
    };
    const deadline = Date.now() + 8000;
    while (!found()) {
      if (Date.now() > deadline) throw new Error(`never seen: ${what}\n${this.text.slice(from)}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return this.text.slice(from);
  }
}

class FakeInput extends EventEmitter {
  readonly isTTY = false;
  isRaw = false;

  setRawMode(raw: boolean): void {
    this.isRaw = raw;
  }

  resume(): void {}

  pause(): void {}
}

class FakeOutput extends EventEmitter {
  readonly rows = 24;
  writableLength = 0;
  written = "";
  readonly columns: number;

  constructor(columns: number) {
    super();
    this.columns = columns;
  }

  write(text: string): boolean {
    this.written += text;
    return true;
  }
}
