/** Shows how quantities are written and read: what is taken, what is refused, and how they print. */
import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { WsctlError } from "../../src/base/errors.js";
import {
  formatCount,
  formatDuration,
  formatSize,
  parseCount,
  parseDuration,
  parseRate,
  parseSize,
} from "../../src/base/quantity.js";

describe("counts", () => {
  test.each([
    ["0", 0],
    ["500", 500],
    ["10k", 10_000],
    ["10K", 10_000],
    ["1m", 1_000_000],
    ["1M", 1_000_000],
    ["1.5k", 1500],
    ["1.1k", 1100],
    [".5k", 500],
    [" 7 ", 7],
    ["9007199254740991", Number.MAX_SAFE_INTEGER],
  ])("%j is %d", (text, value) => {
    expect(parseCount(text)).toBe(value);
  });

  test.each(["", " ", "-1", "+1", "1.5", "1.0001k", "1e3", "0x10", "10kb", "k", "1 0", "1,000"])(
    "%j is refused",
    (text) => {
      expect(() => parseCount(text)).toThrow(WsctlError);
    },
  );

  test.each(["NaN", "Infinity", "9007199254740993", "1toString", "1__proto__", "1constructor"])(
    "%j is refused",
    (text) => {
      expect(() => parseCount(text)).toThrow(WsctlError);
    },
  );
});

describe("durations", () => {
  test.each([
    ["0", 0],
    ["0s", 0],
    ["250ms", 250],
    ["30s", 30_000],
    ["1.5s", 1500],
    ["5m", 300_000],
    ["5min", 300_000],
    ["1h", 3_600_000],
    ["100us", 0.1],
    ["100µs", 0.1],
    ["30 s", 30_000],
    ["1m30s", 90_000],
    ["1h15m", 4_500_000],
    ["2m 30s", 150_000],
    ["2m 05s", 125_000],
    ["1h2min3s4ms5us", 3_723_004.005],
    ["1m1.5s", 61_500],
    ["0m30s", 30_000],
  ])("%j is %d ms", (text, value) => {
    expect(parseDuration(text)).toBeCloseTo(value, 9);
  });

  test.each([
    "",
    "30",
    "-1s",
    "1d",
    "s",
    "1M",
    "1 m s",
    "1m30",
    "30s1m",
    "1m1m",
    "1m1min",
    "1.5m30s",
    "1m-30s",
    "1m,30s",
    "1sec",
    "∞s",
  ])("%j is refused", (text) => {
    expect(() => parseDuration(text)).toThrow(WsctlError);
  });

  test("a bare number is told the units that it may be meant in", () => {
    expect(() => parseDuration("5")).toThrow(
      expect.objectContaining({ hint: "write it like 5s for seconds, 5ms for milliseconds" }),
    );
  });

  test("what is printed can be read", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), (ms) => {
        const read = parseDuration(formatDuration(ms).replace(/^0 ms$/, "0"));
        expect(Math.abs(read - ms)).toBeLessThanOrEqual(
          Math.max(1, ms * 0.01, ms > 3.6e6 ? 6e4 : 0),
        );
      }),
    );
  });
});

describe("sizes", () => {
  test.each([
    ["0", 0],
    ["512", 512],
    ["512b", 512],
    ["512B", 512],
    ["64KiB", 65_536],
    ["64kib", 65_536],
    ["1KB", 1000],
    ["1kB", 1000],
    ["1.5MiB", 1_572_864],
    ["1GB", 1_000_000_000],
    ["1GiB", 1_073_741_824],
  ])("%j is %d bytes", (text, value) => {
    expect(parseSize(text)).toBe(value);
  });

  test.each(["", "-1", "1.5", "1k", "1m", "0.1KiB", "1TiB", "12 parsecs", "9007199254740993"])(
    "%j is refused",
    (text) => {
      expect(() => parseSize(text)).toThrow(WsctlError);
    },
  );
});

describe("rates", () => {
  test.each([
    ["0", 0],
    ["200", 200],
    ["200/s", 200],
    ["1.5k/s", 1500],
    ["1m/s", 1_000_000],
    ["30/m", 0.5],
    ["36/h", 0.01],
    ["1/ms", 1000],
    ["2 / s", 2],
  ])("%j is %d per second", (text, value) => {
    expect(parseRate(text)).toBeCloseTo(value, 12);
  });

  test.each(["", "/s", "200/", "200/s/s", "200/0", "-1/s", "1/d", "fast", "1/toString", "1/3"])(
    "%j is refused",
    (text) => {
      expect(() => parseRate(text)).toThrow(WsctlError);
    },
  );
});

test("a refusal names the text, says what was expected and shows how to write it", () => {
  expect.assertions(3);
  try {
    parseDuration("30");
  } catch (error) {
    expect(error).toBeInstanceOf(WsctlError);
    const { code, message, hint } = error as WsctlError;
    expect([code, message]).toEqual(["WSCTL_EUSAGE", '"30" is not a duration']);
    expect(hint).toContain("30s");
  }
});

test("parsing never throws anything else, never gives NaN or less than 0", () => {
  const parsers = [parseCount, parseDuration, parseSize, parseRate];
  const texts = fc.oneof(
    fc.array(fc.nat(0xffff), { maxLength: 12 }).map((units) => String.fromCharCode(...units)),
    fc
      .tuple(
        fc.constantFrom("", "1", "0.5", ".5", "1.", "..", "99999999999999999999"),
        fc.constantFrom("", " ", "k", "ms", "µs", "/", "/s", "KiB", "m/h", "/0", "toString"),
      )
      .map(([amount, unit]) => amount + unit),
  );
  fc.assert(
    fc.property(texts, fc.constantFrom(...parsers), (text, parse) => {
      try {
        expect(parse(text)).toBeGreaterThanOrEqual(0);
      } catch (error) {
        expect(error).toBeInstanceOf(WsctlError);
      }
    }),
    { numRuns: 500 },
  );
});

test("parsing is linear in the length of a hostile text", () => {
  const long = `${"1".repeat(200_000)}!`;
  for (const parse of [parseCount, parseDuration, parseSize, parseRate]) {
    expect(() => parse(long)).toThrow(WsctlError);
  }
});

describe("printing", () => {
  test.each([
    [0, "0 ms"],
    [0.05, "50.0 µs"],
    [0.85, "850 µs"],
    [1, "1.00 ms"],
    [12.34, "12.3 ms"],
    [999, "999 ms"],
    [1000, "1.00 s"],
    [45_600, "45.6 s"],
    [60_000, "1m 00s"],
    [125_000, "2m 05s"],
    [3_600_000, "1h 00m"],
    [5_460_000, "1h 31m"],
    [Infinity, "–"],
    [NaN, "–"],
  ])("%d ms is %j", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  test.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1.00 KiB"],
    [65_536, "64.0 KiB"],
    [1_310_720, "1.25 MiB"],
    [2 ** 40, "1.00 TiB"],
    [2 ** 60, "1048576 TiB"],
    [NaN, "–"],
  ])("%d bytes are %j", (bytes, text) => {
    expect(formatSize(bytes)).toBe(text);
  });

  test.each([
    [0, "0"],
    [7, "7"],
    [0.333, "0.33"],
    [12.34, "12.3"],
    [999, "999"],
    [1000, "1 000"],
    [1_234_567, "1 234 567"],
    [1234.5, "1 235"],
    [-1234, "-1 234"],
    [Infinity, "–"],
  ])("%d is %j", (value, text) => {
    // Whichever space it is, it must not be one that breaks a line of a table into two words.
    expect(formatCount(value).replaceAll(/\s/g, " ")).toBe(text);
  });
});
