/** Shows what plan the flags make, which of them exclude each other, and where the limits are. */
import { describe, expect, test } from "vitest";
import { WsctlError } from "../../src/base/errors.js";
import { compile } from "../../src/scenario/compile.js";
import { scenarioFromFlags, type LoadFlags } from "../../src/scenario/from-flags.js";
import { planOf, texts, usualFlags } from "./flags.js";

function errorOf(flags: Partial<LoadFlags>): WsctlError {
  try {
    planOf(flags);
  } catch (error) {
    if (error instanceof WsctlError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

const textOf = (payload: string): string => Buffer.from(payload, "base64").toString();

test("without flags: a closed loop with one request in flight and 20 bytes of text", () => {
  const plan = planOf();
  expect(plan).toMatchObject({
    $schema: "wsctl.plan/1",
    targets: ["ws://127.0.0.1:1/"],
    connections: 10,
    connectRate: 1000,
    duration: 5000,
    gracefulStop: 5000,
    traffic: { model: "closed", inFlight: 1 },
    correlate: { by: "order", timeout: 5000 },
    connection: { handshakeTimeout: 10_000, maxPayload: 2 ** 24 },
    first: [],
  });
  expect(plan.messages).toHaveLength(1);
  expect(plan.messages[0]!.opcode).toBe(1);
  expect(textOf(plan.messages[0]!.payload)).toMatch(/^[\w-]{20}$/);
});

test("a plan is plain data: it survives the way to a worker", () => {
  const plan = planOf({ rate: "2", firstMessages: texts("hello"), binary: true });
  expect(JSON.parse(JSON.stringify(plan))).toEqual(
    JSON.parse(JSON.stringify(structuredClone(plan))),
  );
});

describe("traffic", () => {
  test.each<[string, Partial<LoadFlags>, unknown]>([
    ["--in-flight 5", { inFlight: 5 }, { model: "closed", inFlight: 5 }],
    ["-r 2", { rate: "2" }, { model: "rate", rate: 20 }],
    ["-r 30/m", { rate: "30/m" }, { model: "rate", rate: 5 }],
    ["-R 5k", { totalRate: "5k" }, { model: "rate", rate: 5000 }],
    ["-R 1/s on many", { totalRate: "1", connections: "10k" }, { model: "rate", rate: 1 }],
    ["-r 0", { rate: "0" }, { model: "idle" }],
    ["-r 0/s", { rate: "0/s" }, { model: "idle" }],
    ["-r 0.0", { rate: "0.0" }, { model: "idle" }],
    ["-r .0", { rate: ".0" }, { model: "idle" }],
    ["-r 0k", { rate: "0k" }, { model: "idle" }],
    ["-r 0 --correlate none", { rate: "0", correlate: "none" }, { model: "idle" }],
    ["-r 1 --correlate none", { rate: "1", correlate: "none" }, { model: "rate", rate: 10 }],
  ])("%s", (_flags, changed, traffic) => {
    expect(planOf(changed).traffic).toEqual(traffic);
  });
});

describe("messages", () => {
  test("are taken as they were given, in order; first messages stand apart", () => {
    const plan = planOf({ messages: texts("a", "", "ü😀"), firstMessages: texts("join") });
    expect(plan.messages.map(({ payload }) => textOf(payload))).toEqual(["a", "", "ü😀"]);
    expect(plan.messages.map(({ opcode }) => opcode)).toEqual([1, 1, 1]);
    expect(plan.first.map(({ payload }) => textOf(payload))).toEqual(["join"]);
  });

  test("are binary with --binary, the random ones too", () => {
    const plan = planOf({
      messages: [{ text: "a", binary: true }],
      firstMessages: [{ text: "b", binary: true }],
    });
    expect([...plan.messages, ...plan.first].map(({ opcode }) => opcode)).toEqual([2, 2]);
    expect(planOf({ binary: true }).messages[0]!.opcode).toBe(2);
  });

  test.each([
    ["0", 0],
    ["1", 1],
    ["64KiB", 65_536],
  ])("--size %s is %d bytes of text, drawn anew for each run", (size, bytes) => {
    const [one, other] = [planOf({ size }), planOf({ size })].map((plan) =>
      textOf(plan.messages[0]!.payload),
    );
    expect(one).toMatch(/^[\w-]*$/);
    expect([one!.length, other!.length]).toEqual([bytes, bytes]);
    if (bytes > 10) expect(one).not.toBe(other);
  });

  test("base64 is binary", () => {
    const scenario = scenarioFromFlags({ ...usualFlags, rate: "1" });
    const [plan] = [
      compile({
        ...scenario,
        flow: [{ send: { binary: "base64:AAEC", reply: false } }, { listen: "5s" }],
      }),
    ];
    expect(plan.first).toEqual([{ opcode: 2, payload: "AAEC" }]);
  });
});

describe("flags that exclude each other", () => {
  test.each<[string, Partial<LoadFlags>, RegExp]>([
    ["two rates", { rate: "1", totalRate: "1" }, /--rate and --total-rate/],
    ["two rates, one of them 0", { rate: "0", totalRate: "1" }, /--rate and --total-rate/],
    ["no correlation in a closed loop", { correlate: "none" }, /--correlate none/],
    ["in flight at a rate", { rate: "1", inFlight: 2 }, /--in-flight/],
    ["in flight at a total rate", { totalRate: "1", inFlight: 1 }, /--in-flight/],
    ["in flight when only listening", { rate: "0", inFlight: 2 }, /--in-flight/],
  ])("%s", (_what, flags, message) => {
    const error = errorOf(flags);
    expect(error.code).toBe("WSCTL_EUSAGE");
    expect(error.message).toMatch(message);
    expect(error.hint).toBeDefined();
  });
});

describe("limits", () => {
  test.each<[string, Partial<LoadFlags>, Partial<LoadFlags>, string]>([
    ["connections is 0", { connections: "1" }, { connections: "0" }, "1 to 1 000 000"],
    ["connections is 1 000 001", { connections: "1m" }, { connections: "1000001" }, "1 000 000"],
    ["778 a day", { connectRate: "0.01" }, { connectRate: "0.009" }, "864 a day to 1 000 000/s"],
    ["1 000 001/s", { connectRate: "1m" }, { connectRate: "1000001" }, "to 1 000 000/s"],
    ["in flight is 0", { inFlight: 1 }, { inFlight: 0 }, "from 1 to 100 000"],
    ["in flight is 100 001", { inFlight: 100_000 }, { inFlight: 100_001 }, "from 1 to 100 000"],
    ["0.99 a day", { totalRate: "0.0000116" }, { totalRate: "0.0000115" }, "from 1 a day"],
    ["10 000 001/s", { totalRate: "10m" }, { totalRate: "10000001" }, "to 10 000 000/s"],
    ["10 000 010/s", { rate: "1m" }, { rate: "1000001" }, "to 10 000 000/s"],
    ["the rate is 0 a day", { totalRate: "1" }, { totalRate: "0" }, "to 10 000 000/s"],
    ["the duration is 0 ms", { duration: "1ms" }, { duration: "0" }, "from 1.00 ms to 24h 00m"],
    ["the duration is 25h 00m", { duration: "24h" }, { duration: "25h" }, "to 24h 00m"],
    ["reply timeout is 0 ms", { replyTimeout: "1ms" }, { replyTimeout: "0" }, "from 1.00 ms"],
    ["reply timeout is 25h 00m", { replyTimeout: "24h" }, { replyTimeout: "25h" }, "to 24h 00m"],
    ["the size is 256 MiB", { size: "1MB" }, { size: "268435457" }, "from 0 B to 256 MiB"],
  ])("%s: %j passes, %j does not", (what, passes, fails, range) => {
    expect(() => planOf(passes)).not.toThrow();
    const error = errorOf(fails);
    expect(error.code).toBe("WSCTL_EUSAGE");
    expect(error.message).toContain(what);
    expect(error.hint).toContain(range);
  });

  test.each(["1", "2147483647"])("maxPayload %s passes", (maxPayload) => {
    const connection = { ...usualFlags.connection, maxPayload };
    const plan = planOf({ connection, messages: texts("x") });
    expect(plan.connection.maxPayload).toBe(Number(maxPayload));
  });

  test.each(["0", "2GiB", "lots"])("maxPayload %s does not", (maxPayload) => {
    expect(errorOf({ connection: { ...usualFlags.connection, maxPayload } }).code).toBe(
      "WSCTL_EUSAGE",
    );
  });

  describe("a message larger than the largest payload", () => {
    const connection = { ...usualFlags.connection, maxPayload: "100" };

    test("is refused at once, as its echo would be", () => {
      expect(() => planOf({ connection, size: "100" })).not.toThrow();
      const error = errorOf({ connection, size: "101" });
      expect(error.code).toBe("WSCTL_EUSAGE");
      expect(error.message).toMatch(/message of 101 B .* 100 B/);
      expect(error.hint).toContain("--max-payload 101");
      const messages = texts("short", "ü".repeat(51));
      expect(errorOf({ connection, messages }).message).toContain("102 B");
    });

    test("is none of our business where no answer is expected", () => {
      const flags = { connection, size: "101", rate: "1", correlate: "none" as const };
      expect(() => planOf(flags)).not.toThrow();
      expect(() => planOf({ connection, firstMessages: texts("x".repeat(101)) })).not.toThrow();
    });
  });
});

test.each<Partial<LoadFlags>>([
  { connections: "ten" },
  { connections: "1.5" },
  { duration: "5" },
  { rate: "fast" },
  { rate: "0/x" },
  { rate: "0/0" },
  { totalRate: "-1" },
  { connectRate: "" },
  { size: "big" },
  { replyTimeout: "1" },
  { gracefulStop: "soon" },
  { connection: { ...usualFlags.connection, handshakeTimeout: "10" } },
])("a value that cannot be read is refused: %j", (flags) => {
  expect(errorOf(flags).code).toBe("WSCTL_EUSAGE");
});

test("a flow without a step that lasts is one for virtual users, who play it again", () => {
  const scenario = scenarioFromFlags(usualFlags);
  const plan = compile({ ...scenario, flow: [{ send: { text: "a" } }] });
  expect(plan.traffic).toMatchObject({ model: "flow", judgedAs: "closed" });
});
