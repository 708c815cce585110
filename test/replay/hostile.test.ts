/** Recordings and servers that mean no good: what is bounded stays so, and what is wrong is said. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { came, closed, recording, replayed, sent, startServer, upgrade } from "./replay-rig.js";

const quiet = () => startServer(() => {});
const echo = () =>
  startServer((client) => client.on("message", (data, binary) => client.send(data, { binary })));

test("lines in any order, of any kind, end in a result", async () => {
  const url = await echo();
  const line = fc.constantFrom<object>(
    upgrade,
    { ...upgrade, status: 403 },
    sent("a"),
    came("a"),
    { k: "in", op: 9, b64: "" },
    { k: "out", op: 10, b64: "YWJj" },
    { k: "out", op: 9, b64: Buffer.alloc(300).toString("base64") },
    { k: "out", op: 8, b64: "" },
    { k: "out", op: 5, b64: "AAAA" },
    { k: "out", op: 0, data: "x" },
    { k: "in", op: 15, b64: "AAAA" },
    { k: "out", op: 1, b64: "/w==" },
    { k: "gap", why: "disk", missed: 3 },
    { k: "mark", text: "m" },
    { k: "whatever" },
    closed("client", 1000),
    closed("client", 1006),
    closed("client", 12_345, "x".repeat(500)),
    closed("server", 1000),
    closed("nobody", 1006),
    { k: "end", in: 1, out: 1 },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 8 }), async (lines) => {
      const wishes = { wait: 20, gateTimeout: 20 };
      const { connections } = await replayed(url, recording(lines), wishes);
      expect(connections).toHaveLength(1);
    }),
    { numRuns: 25 },
  );
}, 20_000);

describe("floods", () => {
  test("a server that says far more than was recorded", async () => {
    const url = await startServer((client) => {
      client.on("message", () => {
        for (let index = 0; index < 20_000; index++) client.send(`spam ${index}`);
        client.send("answer");
      });
    });
    const content = recording([upgrade, sent("a"), came("answer"), closed("client")]);
    const { connections } = await replayed(url, content, { wait: 500 });
    expect(connections[0]!.outcome).toBe("different");
    expect(connections[0]!.differences.length).toBeLessThanOrEqual(500);
  });

  test("a recording of far more than comes", async () => {
    const content = recording([upgrade, ...Array.from({ length: 5000 }, (_, n) => came({ n }))], 0);
    const { connections } = await replayed(await quiet(), content, { wait: 50, gateTimeout: 50 });
    expect(connections[0]).toMatchObject({ recorded: 5000, missing: 5000, same: 0 });
    expect(connections[0]!.differences).toHaveLength(500);
  });

  test("thousands of messages that all differ a little", async () => {
    const all = Array.from({ length: 3000 }, (_, n) => ({ op: "tick", n, ts: 1 }));
    const url = await startServer((client) => {
      for (const one of all) client.send(JSON.stringify({ ...one, ts: 2 }));
    });
    const { connections } = await replayed(
      url,
      recording([upgrade, ...all.map((one) => came(one))], 0),
    );
    expect(connections[0]).toMatchObject({ changed: 3000, missing: 0, extra: 0 });
  }, 20_000);
});

test("messages that would upset a terminal are kept as they are in the result, and cut", async () => {
  const evil = `\u001b[2J\u202e${"x".repeat(5000)}`;
  const url = await startServer((client) => client.send(evil));
  const { connections } = await replayed(url, recording([upgrade, closed("client")]), {
    wait: 300,
  });
  expect(["same", "different"]).toContain(connections[0]!.outcome);
  for (const { message = "" } of connections[0]!.differences)
    expect(message.length).toBeLessThan(600);
});

test("a malformed recording is an error that names its line", async () => {
  const content = `${recording([upgrade, sent("a")])}{"t":1,"k":"out"}\n{"t":2,"k":"mark","text":"x"}\n`;
  await expect(replayed(await quiet(), content)).rejects.toMatchObject({ code: "WSCTL_EUSAGE" });
});

test("a torn last line is told of", async () => {
  const content = `${recording([upgrade, closed("client")])}{"t":3,"k":"ou`;
  const { connections } = await replayed(await quiet(), content);
  expect(connections[0]).toMatchObject({ outcome: "same" });
  expect(connections[0]!.notes.join()).toContain("cut off");
});
