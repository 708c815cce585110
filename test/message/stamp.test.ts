import { crc32 } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mendStamp, readStamp, Stamp, stampLength, writeStamp } from "../../src/message/stamp.js";

const word = fc.oneof(fc.constantFrom(0, 1, 2 ** 31, 2 ** 32 - 1), fc.nat(2 ** 32 - 1));
const micros = fc.oneof(
  fc.constantFrom(0, 2 ** 30, 2 ** 32, Number.MAX_SAFE_INTEGER),
  fc.maxSafeNat(),
);
const fields = fc.record({ run: word, sender: word, sequence: word, micros });

function written(stamp: Stamp, before = "", after = ""): Buffer {
  const bytes = Buffer.from(`${before}${" ".repeat(stampLength)}${after}`);
  const { run, sender, sequence, micros: at } = stamp;
  writeStamp(bytes, Buffer.byteLength(before), run, sender, sequence, at);
  return bytes;
}

const some: Stamp = { run: 0xdeadbeef, sender: 17, sequence: 4_000_000_000, micros: 2 ** 52 + 1 };

const other: Stamp = { run: 5, sender: 18, sequence: 1, micros: 2 };

/** Text that holds no tilde, hence no beginning of a stamp. */
const innocent = fc.string().map((each) => each.replaceAll("~", "-"));

describe("the stamp", () => {
  test("looks like this", () => {
    const bytes = written({ run: 1, sender: 2, sequence: 33, micros: 1024 });
    expect(bytes.toString()).toMatch(/^ws1~00000010000002000001100000000100[0-9a-v]{7}$/);
    expect(bytes).toHaveLength(43);
    expect(JSON.stringify(bytes.toString())).toBe(`"${bytes.toString()}"`);
  });

  test("ends with zlib's CRC-32 of what precedes it", () => {
    fc.assert(
      fc.property(fields, (stamp) => {
        const bytes = written(stamp);
        const crc = crc32(bytes.subarray(0, 36)).toString(32).padStart(7, "0");
        expect(bytes.toString("latin1", 36)).toBe(crc);
      }),
    );
  });

  test("is read back as it was written, wherever it stands", () => {
    fc.assert(
      fc.property(fields, innocent, innocent, (stamp, before, after) => {
        const bytes = written(stamp, before, after);
        const found = new Stamp();
        expect(readStamp(bytes, 0, bytes.length, found)).toBe("ok");
        expect(found).toMatchObject(stamp);
        expect(readStamp(bytes, Buffer.byteLength(before), bytes.length, found)).toBe("ok");
      }),
    );
  });

  test("is found behind other beginnings of stamps, and the first good one counts", () => {
    for (const before of [
      "ws1~",
      "ws1",
      "wws1~",
      "~~~",
      "ws1~ws1~",
      `ws1~${"0".repeat(39)}`,
      "w~s1~",
    ]) {
      const found = new Stamp();
      const bytes = written(some, before, written(other).toString());
      expect(readStamp(bytes, 0, bytes.length, found)).toBe("ok");
      expect(found).toMatchObject(some);
    }
  });

  test("does not let any change of a single byte pass", () => {
    const whole = written(some, "<", ">");
    const found = new Stamp();
    for (let at = 1; at <= stampLength; at++) {
      for (let byte = 0; byte < 256; byte++) {
        if (byte === whole[at]) continue;
        const changed = Buffer.from(whole);
        changed[at] = byte;
        const state = readStamp(changed, 0, changed.length, found);
        expect(state, `${at}: ${byte}`).toBe(at <= 4 ? "absent" : "corrupt");
      }
    }
  });

  test("is not there when bytes of it are missing", () => {
    const whole = written(some);
    const found = new Stamp();
    for (let at = 0; at < stampLength; at++) {
      const state = readStamp(whole, 0, at, found);
      expect(state).toBe(at < 4 ? "absent" : "corrupt");
      const without = Buffer.concat([whole.subarray(0, at), whole.subarray(at + 1)]);
      expect(readStamp(without, 0, without.length, found)).not.toBe("ok");
    }
    expect(readStamp(whole, 1, whole.length, found)).toBe("absent");
  });

  test("looks at nothing outside of the range", () => {
    const bytes = written(some, "xx", "yy");
    const found = new Stamp();
    expect(readStamp(bytes, 2, 2 + stampLength, found)).toBe("ok");
    expect(readStamp(bytes, 2, 1 + stampLength, found)).toBe("corrupt");
    expect(readStamp(bytes, 3, bytes.length, found)).toBe("absent");
    expect(readStamp(bytes, 0, 0, found)).toBe("absent");
    expect(readStamp(Buffer.alloc(0), 0, 0, found)).toBe("absent");
  });

  test("takes no stranger's digits, though the CRC be right", () => {
    // Fields that are no numbers in range, sealed with a good CRC.
    const forge = (body: string): Buffer => {
      const head = Buffer.from(`ws1~${body}`, "latin1");
      return Buffer.from(
        head.toString("latin1") + crc32(head).toString(32).padStart(7, "0"),
        "latin1",
      );
    };
    const found = new Stamp();
    const forged = [
      `v${"0".repeat(31)}`,
      `${"0".repeat(21)}vvvvvvvvvvv`,
      `000000W${"0".repeat(25)}`,
      `${"0".repeat(31)}"`,
      `${"0".repeat(31)}\u00ff`,
    ];
    for (const body of forged) {
      const bytes = forge(body);
      expect(bytes).toHaveLength(stampLength);
      expect(readStamp(bytes, 0, bytes.length, found)).toBe("corrupt");
    }
    const honest = forge("0".repeat(32));
    expect(readStamp(honest, 0, honest.length, found)).toBe("ok");
  });

  test("is absent from anything that does not hold its prefix", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const found = new Stamp();
        const state = readStamp(bytes, 0, bytes.length, found);
        expect(state === "absent").toBe(!Buffer.from(bytes).includes("ws1~"));
      }),
    );
  });

  test("is searched for in a megabyte of beginnings without delay", () => {
    const bytes = Buffer.from("ws1~".repeat(250_000));
    expect(readStamp(bytes, 0, bytes.length, new Stamp())).toBe("corrupt");
  });
});

describe("a stamp of which one character is damaged", () => {
  const mends = (bytes: Buffer, start = 0): boolean =>
    mendStamp(bytes, start, bytes.length, new Stamp());

  test("is known for what it was, whichever character it is, wherever it stands", () => {
    const mask = fc.integer({ min: 1, max: 255 });
    const at = fc.nat(stampLength - 1);
    fc.assert(
      fc.property(fields, at, mask, innocent, innocent, (stamp, index, bits, before, after) => {
        const bytes = written(stamp, before, after);
        bytes[Buffer.byteLength(before) + index]! ^= bits;
        const found = new Stamp();
        expect(readStamp(bytes, 0, bytes.length, found)).not.toBe("ok");
        expect(mendStamp(bytes, 0, bytes.length, found)).toBe(true);
        expect(found).toMatchObject(stamp);
      }),
      { numRuns: 500 },
    );
  });

  test("each change of each byte is told from every other one", () => {
    const found = new Stamp();
    for (let at = 0; at < stampLength; at++) {
      for (let bits = 1; bits < 256; bits++) {
        const bytes = written(some);
        bytes[at]! ^= bits;
        expect(mendStamp(bytes, 0, bytes.length, found), `${at}: ${bits}`).toBe(true);
        expect(found).toEqual(some);
      }
    }
  });

  test("is not found in text that holds none, nor in half of one, nor outside of the message", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => !mends(Buffer.from(bytes))),
    );
    for (const hit of [7, 20, 45]) {
      const damaged = written(some, "before ", " after");
      damaged[hit]! ^= 1;
      expect(mends(damaged)).toBe(true);
      expect(mends(damaged.subarray(0, 7 + stampLength - 1))).toBe(false);
      expect(mends(damaged.subarray(8))).toBe(false);
      expect(mends(damaged, 8)).toBe(false);
      for (const further of [8, 21, 46]) damaged[further]! ^= 1;
      expect(mends(damaged)).toBe(false);
    }
  });

  test("is found far into a message, but not behind hundreds of beginnings", () => {
    const after = (before: string, hit: number): boolean => {
      const bytes = written(some, before);
      bytes[before.length + hit]! ^= 1;
      return mends(bytes);
    };
    const prose = "how news of the 1~2 % allows ".repeat(80);
    for (const hit of [0, 3, 20, 42]) {
      expect(after("a".repeat(200_000), hit)).toBe(true);
      expect(after(prose, hit)).toBe(true);
      expect(after("ws1x".repeat(4096), hit)).toBe(false);
    }
  });

  test.each(["ws1x", "ws1~", "xs1~", "ws", "1~", "ws1~000000000000000000000000000000000000000"])(
    "a megabyte of %s is no more work than a few beginnings",
    (text) => {
      let looks = 0;
      const bytes = Buffer.from(text.repeat(1_000_000 / text.length));
      const watched = bytes.subarray();
      watched.subarray = () => {
        const message = bytes.subarray();
        message.indexOf = (half: string | number | Uint8Array, from?: unknown): number => {
          looks++;
          return bytes.indexOf(half, Number(from ?? 0));
        };
        return message;
      };
      expect(mends(watched)).toBe(false);
      expect(looks).toBeGreaterThan(0);
      expect(looks).toBeLessThanOrEqual(2 * 257);
    },
  );
});
