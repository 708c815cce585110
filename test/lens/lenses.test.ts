import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WsctlError } from "../../src/base/errors.js";
import { lensFor, lenses } from "../../src/lens/lenses.js";
import { binary, text } from "./seen.js";

test.each([
  ["graphql-transport-ws", "/", "graphql"],
  ["graphql-ws", "/", undefined],
  ["jsonrpc", "/", "jsonrpc"],
  ["msgpack", "/", "msgpack"],
  ["", "/socket.io/?EIO=4&transport=websocket", "socketio"],
  ["", "/socket.io/?transport=websocket&EIO=4", "socketio"],
  ["", "/socket.io/?EIO=3&transport=websocket", undefined],
  ["", "/?EIO=40", undefined],
  ["", "/", undefined],
  ["__proto__", "/constructor", undefined],
])("%j at %j is %s", (subprotocol, path, name) => {
  expect(lensFor(subprotocol, path)?.name).toBe(name);
});

const direction = fc.constantFrom("in" as const, "out" as const);

/** Text that comes near to what the lenses read. */
const likely = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.json(),
  fc
    .tuple(fc.constantFrom("0", "2", "3", "40", "42", "43", "44", "451-", "461-7"), fc.json())
    .map((parts) => parts.join("")),
  fc
    .record(
      {
        jsonrpc: fc.constantFrom("2.0", 2),
        method: fc.oneof(fc.string(), fc.jsonValue()),
        id: fc.oneof(fc.integer(), fc.string(), fc.jsonValue()),
        result: fc.jsonValue(),
        error: fc.oneof(fc.record({ code: fc.jsonValue(), message: fc.jsonValue() }), fc.json()),
        type: fc.constantFrom("next", "subscribe", "error", "complete", "ping", "__proto__", 1),
        payload: fc.oneof(
          fc.record({ query: fc.jsonValue(), errors: fc.array(fc.jsonValue()) }),
          fc.jsonValue(),
        ),
      },
      { requiredKeys: [] },
    )
    .map((value) => JSON.stringify(value)),
);

// Control characters, line breaks included, and what changes the direction of reading.
// eslint-disable-next-line no-control-regex -- control characters are the subject here
const harmful = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/;

describe.each([...lenses])("%s", (name, lens) => {
  test("is called so, and its example can be sent and is seen", () => {
    expect(lens.name).toBe(name);
    expect(lens.summary).not.toBe("");
    const session = lens.create();
    const sent = session.encode(lens.example);
    const view = session.see({ ...sent, direction: "out", at: 0 });
    expect(view?.title).toMatch(/^→ \S/);
    expect(view?.kind).not.toBe("error");
  });

  test("no conversation makes it throw or puts anything harmful into a title", () => {
    const payload = fc.oneof(
      likely.map((said) => ({ binary: false, data: Buffer.from(said) })),
      likely.map((said) => ({ binary: true, data: Buffer.from(said) })),
      fc.uint8Array().map((bytes) => ({ binary: true, data: Buffer.from(bytes) })),
      fc.uint8Array().map((bytes) => ({ binary: false, data: Buffer.from(bytes) })),
    );
    const talk = fc.array(fc.tuple(direction, payload), { maxLength: 8 });
    fc.assert(
      fc.property(talk, (messages) => {
        const session = lens.create();
        for (const [side, message] of messages) {
          const view = session.see({ ...message, direction: side, at: 1 });
          if (!view) continue;
          expect(view.title).not.toMatch(harmful);
          expect(view.title.length).toBeLessThan(160);
          expect(view.reply?.to ?? "").not.toMatch(harmful);
        }
      }),
      { numRuns: 400 },
    );
  });

  test("no line makes it throw anything but a mistake of the user's", () => {
    fc.assert(
      fc.property(likely, (line) => {
        try {
          expect(lens.create().encode(line).data.length).toBeGreaterThan(0);
        } catch (thrown) {
          if (!(thrown instanceof WsctlError)) throw thrown;
          expect(thrown.code).toBe("WSCTL_EUSAGE");
          expect(thrown.hint).toMatch(/^write it like: /);
        }
      }),
      { numRuns: 400 },
    );
  });

  test("leaves messages of more than 16 MiB alone", () => {
    const large = Buffer.alloc(16 * 1024 * 1024 + 1, "1");
    expect(lens.create().see({ ...text("in", ""), data: large })).toBeUndefined();
    const view = lens.create().see(binary("in", large));
    expect(view === undefined || view.body === undefined).toBe(true);
  });

  test("300,000 times any one character is no trouble", () => {
    for (const char of ["[", "{", '"', "\\", "4", "#", "/", "}", " ", "\u0091"]) {
      const session = lens.create();
      for (const prefix of ["", "42", "45", '{"a":', "a "]) {
        const said = prefix + char.repeat(300_000);
        const view = session.see(text("in", said));
        expect(view?.title.length ?? 0).toBeLessThan(160);
        try {
          session.encode(said);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(WsctlError);
        }
      }
    }
  });
});
