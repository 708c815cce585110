/** Shows that no byte of standard input is lost or moved on its way into messages. */
import { Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Cutter } from "../../src/cli/pipe/cutter.js";
import { Input, plainMessage, type Source } from "../../src/cli/pipe/input.js";

/** What a cutter makes of the pieces. */
function cut(pieces: readonly Buffer[], delimiter: string): string[] {
  const cutter = new Cutter(Buffer.from(delimiter, "latin1"));
  const messages = pieces.flatMap((piece) => cutter.feed(piece));
  const last = cutter.end();
  return [...messages, ...(last ? [last] : [])].map((bytes) => bytes.toString("latin1"));
}

describe("a cutter", () => {
  test.each<[string, string, string[]]>([
    ["", "\n", []],
    ["\n", "\n", [""]],
    ["a\n\nb", "\n", ["a", "", "b"]],
    ["a\r\nb\n", "\n", ["a\r", "b"]],
    ["a\0b\0", "\0", ["a", "b"]],
    ["a--b---c", "--", ["a", "b", "-c"]],
    ["aaa", "aa", ["", "a"]],
  ])("cuts %j at %j", (text, delimiter, messages) => {
    expect(cut([Buffer.from(text)], delimiter)).toEqual(messages);
    expect(
      cut(
        text.split("").map((char) => Buffer.from(char)),
        delimiter,
      ),
    ).toEqual(messages);
  });

  test("cuts the same whatever pieces the bytes come in", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "-"), maxLength: 60 });
    const delimiters = fc.constantFrom("-", "--", "a-", "aab");
    fc.assert(
      fc.property(letters, delimiters, fc.array(fc.nat(60)), (text, delimiter, cuts) => {
        const at = [0, ...cuts, text.length].map((one) => Math.min(one, text.length));
        const edges = at.toSorted((a, b) => a - b);
        const pieces = edges.slice(1).map((end, i) => Buffer.from(text.slice(edges[i], end)));
        const whole = text.split(delimiter);
        if (whole.at(-1) === "") whole.pop();
        expect(cut(pieces, delimiter)).toEqual(whole);
      }),
    );
  });
});

async function all(input: Input): Promise<string[]> {
  const texts: string[] = [];
  for await (const { data, binary } of input.messages()) {
    texts.push(`${binary ? "b" : "t"}:${data.toString("latin1")}`);
  }
  return texts;
}

function inputOf(
  chunks: readonly Buffer[],
  sources: readonly Source[] = ["stdin"],
  binary = false,
): Input {
  return new Input({
    stdin: Readable.from(chunks),
    sources,
    delimiter: Buffer.from("\n"),
    message: (data) => plainMessage(data, binary),
  });
}

describe("an input", () => {
  test("has its sources in order, standard input where it is asked for", async () => {
    const said = (text: string) => () => plainMessage(Buffer.from(text), false);
    const sources: Source[] = [said("first"), "stdin", said("last")];
    const input = inputOf([Buffer.from("a\nb")], sources);
    expect(await all(input)).toEqual(["t:first", "t:a", "t:b", "t:last"]);
  });

  test("without a delimiter sends bytes as they come, 64 KiB at most", async () => {
    const bytes = Buffer.alloc(150_000, "x");
    const input = new Input({
      stdin: Readable.from([Buffer.from("\n\0"), bytes]),
      sources: ["stdin"],
      delimiter: undefined,
      message: (data) => plainMessage(data, true),
    });
    const sizes = (await all(input)).map((text) => text.length - 2);
    expect(sizes).toEqual([2, 65_536, 65_536, 18_928]);
  });

  test("refuses text that is not UTF-8 by its number, after all that stood before it", async () => {
    const input = inputOf([Buffer.from("good\n"), Buffer.of(0xff, 0x0a), Buffer.from("never\n")]);
    const sent: string[] = [];
    const reading = (async () => {
      for await (const { data } of input.messages()) sent.push(data.toString());
    })();
    await expect(reading).rejects.toMatchObject({
      code: "WSCTL_EUSAGE",
      where: ["message 2 of standard input", expect.stringContaining("RFC 6455")],
    });
    expect(sent).toEqual(["good"]);
  });

  test("takes the same bytes as binary", async () => {
    const input = inputOf([Buffer.of(0xff, 0x0a, 0xfe)], ["stdin"], true);
    expect(await all(input)).toEqual(["b:\xff", "b:\xfe"]);
  });

  test("ends when it is stopped, though its stream goes on", async () => {
    const stdin = new Readable({ read() {} });
    stdin.push("one\n");
    const input = new Input({
      stdin,
      sources: ["stdin"],
      delimiter: Buffer.from("\n"),
      message: (data) => plainMessage(data, false),
    });
    const seen: string[] = [];
    for await (const { data } of input.messages()) {
      seen.push(data.toString());
      input.stop();
    }
    expect(seen).toEqual(["one"]);
    expect(stdin.destroyed).toBe(true);
  });

  test("tells of a stream that cannot be read", async () => {
    const stdin = new Readable({
      read() {
        this.destroy(new Error("EISDIR: illegal operation"));
      },
    });
    const message = (data: Buffer) => plainMessage(data, false);
    const input = new Input({ stdin, sources: ["stdin"], delimiter: Buffer.from("\n"), message });
    await expect(all(input)).rejects.toMatchObject({
      code: "WSCTL_EUSAGE",
      message: expect.stringMatching(/cannot read standard input: EISDIR/),
    });
  });
});
