/** Shows what recording does to connections: a slow disk holds them up if it may, a lost one never. */
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { encodeFrame } from "../../src/frame/encode.js";
import { Recorder } from "../../src/recording/recorder.js";
import { Redactor } from "../../src/recording/redactor.js";
import { RuleHand } from "../../src/proxy/rules-interference.js";
import { Rules } from "../../src/proxy/rules.js";
import { directory, joined, recorded, startTestProxy } from "./running.js";

afterEach(() => vi.restoreAllMocks());

const say = (text: string): Buffer => encodeFrame({ opcode: 1, mask: 3 }, Buffer.from(text));

/** The recorders that were opened. */
function recorders(): Recorder[] {
  const opened: Recorder[] = [];
  const open = Recorder.open.bind(Recorder);
  vi.spyOn(Recorder, "open").mockImplementation(async (options) => {
    const recorder = await open(options);
    opened.push(recorder);
    return recorder;
  });
  return opened;
}

test.each([
  [true, "is waited for"],
  [false, "is not waited for"],
])("a disk that is behind, pause %s: %s", async (pause) => {
  const opened = recorders();
  const { client, server } = await joined({
    record: { directory: directory(), tool: "test", pause },
  });
  opened[0]!.emit("pressure", true);
  const [out, back] = [say("to the server"), encodeFrame({ opcode: 1 }, Buffer.from("back"))];
  client.socket.write(out);
  server.socket.write(back);
  if (pause) {
    // Long enough for what is not held up.
    const other = await joined();
    for (let n = 0; n < 5; n++) {
      other.client.socket.write(out);
      await other.server.take(out.length);
    }
    expect([client.bytes.length, server.bytes.length]).toEqual([0, 0]);
    opened[0]!.emit("pressure", false);
  }
  expect(await server.take(out.length)).toEqual(out);
  expect(await client.take(back.length)).toEqual(back);
});

test("a directory that is gone: the connection is well, and trouble is told", async () => {
  const dir = directory();
  const record = { directory: path.join(dir, "made"), tool: "test", pause: true };
  const { proxy } = await joined({ record });
  expect(statSync(record.directory).mode & 0o777).toBe(0o700);
  await proxy.close();
  const again = await startTestProxy("ws://127.0.0.1:1", { record });
  await again.close();
  rmSync(record.directory, { recursive: true });
  writeFileSync(record.directory, "in the way");
  await expect(startTestProxy("ws://127.0.0.1:1", { record })).rejects.toMatchObject({
    code: "WSCTL_EUSAGE",
  });
  vi.spyOn(Recorder, "open").mockRejectedValue(new Error("no more room"));
  const {
    proxy: other,
    client,
    server,
  } = await joined({
    record: { ...record, directory: dir },
  });
  client.socket.write(say("hello"));
  expect(await server.take(11)).toEqual(say("hello"));
  expect(other.stats().recordingsInTrouble).toBe(1);
  expect(other.events[0]).toMatchObject({
    event: "note",
    text: expect.stringMatching(/no more room/),
  });
});

test.skipIf(process.platform !== "linux")(
  "nobody goes on with a recording while it is made",
  async () => {
    const dir = directory();
    const { proxy, client } = await joined({
      record: { directory: dir, tool: "test", pause: true },
    });
    const file = path.join(dir, readdirSync(dir)[0]!);
    const appended = (): Promise<Recorder> =>
      Recorder.open({
        path: file,
        url: "",
        tool: "test",
        startedAt: new Date(),
        now: () => 0,
        append: true,
      });
    await expect(appended()).rejects.toThrow(/it is being recorded to/);
    client.socket.resetAndDestroy();
    await vi.waitFor(() => expect(proxy.stats().open).toBe(0));
    await proxy.close();
    await (await appended()).finish();
    expect(recorded(dir).filter(({ k }) => k === "end")).toHaveLength(2);
  },
);

test("files are named by time and number, nobody else's, and hold no secrets of the head", async () => {
  const dir = directory();
  const { proxy, client } = await joined(
    { record: { directory: dir, tool: "test", pause: true } },
    undefined,
  );
  client.socket.resetAndDestroy();
  await vi.waitFor(() => expect(proxy.stats().open).toBe(0));
  await proxy.close();
  const [name] = readdirSync(dir);
  expect(name).toMatch(/^\d{8}T\d{6}-\d{3}Z-1\.wsrec$/);
  expect(statSync(path.join(dir, name!)).mode & 0o777).toBe(0o600);
  expect(readFileSync(path.join(dir, name!), "utf8")).not.toContain("token=1");
  expect(recorded(dir)[1]).toMatchObject({
    k: "upgrade",
    status: 101,
    phases: { dns: 0, tls: 0, tcp: expect.any(Number), upgrade: expect.any(Number) },
  });
});

test("what a rule sent instead stands beside what was said, in the recording and the events", async () => {
  const dir = directory();
  const sources = { file: () => Buffer.alloc(0), env: new Map(), wallClock: () => 0, now: () => 0 };
  const rules = ["out:$.op => edit $.price = 0", "out:plain => replace other", "out:gone => drop"];
  const hand = new RuleHand(new Rules(rules, sources, "seed"));
  const { proxy, client, server } = await joined({
    record: { directory: dir, tool: "test", pause: true },
    interfere: (facts) => hand.interfere(facts),
    onLink: (link) => hand.meet(link),
  });
  for (const text of ['{"op":1,"price":7}', "plain", "gone", "as it is"])
    client.socket.write(say(text));
  await server.until(() => server.bytes.length >= 24 + 11 + 14);
  client.socket.resetAndDestroy();
  await vi.waitFor(() => expect(proxy.stats().open).toBe(0));
  await proxy.close();
  expect(
    recorded(dir)
      .slice(2, 9)
      .map(({ data, text }) => (text === undefined ? data : [text, data])),
  ).toEqual([
    '{"op":1,"price":7}',
    ["rule 1: edited", '{"op":1,"price":0}'],
    "plain",
    ["rule 2: replaced", "other"],
    "gone",
    ["rule 3: dropped", undefined],
    "as it is",
  ]);
  expect(proxy.events.filter(({ event }) => event === "note")).toEqual([
    expect.objectContaining({
      text: "rule 1: edited",
      instead: { opcode: 1, payload: Buffer.from('{"op":1,"price":0}') },
    }),
    expect.objectContaining({ instead: { opcode: 1, payload: Buffer.from("other") } }),
    expect.objectContaining({ text: "rule 3: dropped", instead: undefined }),
  ]);
});

test("each recording has what hides its secrets for itself", async () => {
  const redactors = new Map<number, Redactor>();
  const redactor = (connection: number): Redactor => {
    const own = new Redactor();
    redactors.set(connection, own);
    return own;
  };
  const record = { directory: directory(), tool: "test", pause: true, redactor };
  const { proxy, client } = await joined({ record }, undefined);
  client.socket.resetAndDestroy();
  await vi.waitFor(() => expect(proxy.stats().open).toBe(0));
  await proxy.close();
  expect([...redactors.keys()]).toEqual([1]);
  expect(recorded(record.directory)[1]).toMatchObject({ k: "upgrade" });
});
