/** Shows the protocol of chat, and that its bounds hold against clients that mean no good. */
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { playPython } from "../../support/python-client.js";
import { requirePythonWebsockets } from "../../support/python-echo.js";
import { Client, type ModeServer, startMode } from "./mode-server.js";

/** A client in a room, everything read that came with joining. */
async function member({ url }: ModeServer, name: string, room = "lobby"): Promise<Client> {
  const client = await Client.open(url);
  client.send({ op: "join", id: "j", room, name });
  await client.until("ok");
  return client;
}

describe("a room", () => {
  test("join, say and leave are heard by all, in one sequence", async () => {
    const server = await startMode("chat");
    const [ada, bob] = [await member(server, "ada"), await member(server, "bob")];
    ada.send({ op: "say", id: 7, text: "hi" });
    bob.send({ op: "leave", id: 8 });
    expect(await ada.json()).toMatchObject({
      op: "joined",
      from: "bob",
      seq: 2,
      count: 2,
      peer: 2,
    });
    const said = {
      op: "said",
      room: "lobby",
      seq: 3,
      from: "ada",
      peer: 1,
      text: "hi",
      node: "node-1",
    };
    const heard = await bob.json();
    expect(heard).toMatchObject(said);
    expect(heard["at"]).toBeTypeOf("number");
    expect(await ada.json()).toEqual(heard);
    expect(await ada.json()).toEqual({ op: "ok", id: 7, re: "say", room: "lobby", seq: 3 });
    expect(await bob.json()).toEqual({ op: "ok", id: 8, re: "leave", room: "lobby" });
    expect(await ada.json()).toMatchObject({ op: "left", from: "bob", seq: 4, count: 1 });
  });

  test("a client that goes has left", async () => {
    const server = await startMode("chat");
    const [ada, bob] = [await member(server, "ada"), await member(server, "bob")];
    bob.socket.terminate();
    expect(await ada.until("left")).toMatchObject({ from: "bob", seq: 3, count: 1 });
  });

  test("without an id only mistakes are answered", async () => {
    const { url } = await startMode("chat");
    const client = await Client.open(url);
    client.send({ op: "join", room: "r" });
    client.send({ op: "say", text: "x" });
    client.send({ op: "say" });
    expect(await client.json()).toMatchObject({ op: "joined", from: "guest-1" });
    expect(await client.json()).toMatchObject({ op: "said", text: "x" });
    expect(await client.json()).toMatchObject({ op: "error", re: "say", code: "bad-request" });
  });

  test("several rooms: what names none goes to the one joined last", async () => {
    const server = await startMode("chat");
    const client = await member(server, "ada", "one");
    client.send({ op: "join", room: "two", name: "ada" });
    await client.until("joined");
    client.send({ op: "say", text: "a" });
    expect(await client.json()).toMatchObject({ room: "two", text: "a", seq: 2 });
    client.send({ op: "say", text: "b", room: "one" });
    expect(await client.json()).toMatchObject({ room: "one", text: "b", seq: 2 });
    client.send({ op: "leave", room: "two" });
    client.send({ op: "say", text: "c" });
    expect(await client.json()).toMatchObject({ room: "one", text: "c", seq: 3 });
  });

  test("presence tells who is there; nobody is told of the quiet", async () => {
    const server = await startMode("chat");
    const ada = await member(server, "ada");
    const quiet = await Client.open(server.url);
    quiet.send({ op: "join", id: 1, room: "lobby", name: "bob", quiet: true });
    await quiet.until("ok");
    ada.send({ op: "presence" });
    const members = [
      { peer: 1, name: "ada" },
      { peer: 2, name: "bob" },
    ];
    const presence = { op: "presence", re: "presence", room: "lobby", seq: 1, count: 2, members };
    expect(await ada.json()).toEqual(presence);
  });

  test("history begins after a seq, and is kept when all have left", async () => {
    const server = await startMode("chat", { history: "3" });
    const ada = await member(server, "ada");
    for (const text of ["a", "b", "c"]) ada.send({ op: "say", text });
    ada.send({ op: "leave", id: 1 });
    await ada.until("ok");
    const bob = await member(server, "bob");
    bob.send({ op: "history", id: 2 });
    const all = await bob.json();
    expect(all).toMatchObject({ op: "history", id: 2, room: "lobby", seq: 6 });
    expect(all["messages"]).toMatchObject([
      { seq: 4, text: "c" },
      { seq: 5, op: "left" },
      { seq: 6, op: "joined" },
    ]);
    bob.send({ op: "history", after: 5 });
    expect((await bob.json())["messages"]).toMatchObject([{ seq: 6 }]);
  });

  test("binary goes to all members as it is", async () => {
    const server = await startMode("chat");
    const [ada, bob] = [await member(server, "ada"), await member(server, "bob")];
    await ada.until("joined");
    bob.send(Buffer.from([1, 2, 3]));
    for (const client of [ada, bob]) {
      expect(await client.next()).toEqual({ data: Buffer.from([1, 2, 3]), isBinary: true });
    }
  });
});

describe("mistakes and bounds", () => {
  test.each([
    ["not json", "bad-json"],
    ["[]", "bad-json"],
    ["{}", "bad-request"],
    [{ op: "jion", room: "r" }, "unknown-op"],
    [{ op: "toString" }, "unknown-op"],
    [{ op: "say", text: "x" }, "not-joined"],
    [Buffer.from("x"), "not-joined"],
    [{ op: "join" }, "bad-request"],
    [{ op: "join", room: "" }, "bad-request"],
    [{ op: "join", room: "r".repeat(65) }, "bad-request"],
    [{ op: "join", room: "r", name: "\u202eada" }, "bad-request"],
    [{ op: "join", room: "r", name: "a\nb" }, "bad-request"],
    [{ op: "join", room: "r", name: 5 }, "bad-request"],
    [{ op: "join", room: "r", id: {} }, "bad-request"],
    [{ op: "leave", room: 5 }, "bad-request"],
    [
      `{"op":"join","room":"r","__proto__":{"name":"x"},"pad":"${"x".repeat(70_000)}"}`,
      "too-large",
    ],
  ])("%o is %s", async (message, code) => {
    const client = await Client.open((await startMode("chat")).url);
    client.send(message);
    expect(await client.json()).toMatchObject({ op: "error", code });
  });

  test("a mistake names the id and the nearest op", async () => {
    const client = await Client.open((await startMode("chat")).url);
    client.send({ op: "jion", id: "x", room: "r" });
    const error = 'there is no op "jion": did you mean join?';
    expect(await client.json()).toEqual({
      op: "error",
      id: "x",
      re: "jion",
      code: "unknown-op",
      error,
    });
  });

  test("joining twice, too long a text, a message too large", async () => {
    const client = await member(await startMode("chat"), "ada");
    client.send({ op: "join", room: "lobby", name: "other" });
    expect(await client.json()).toMatchObject({ code: "already-joined" });
    client.send({ op: "say", text: "x".repeat(16_385) });
    expect(await client.json()).toMatchObject({ code: "bad-request" });
    client.send(Buffer.alloc(65_537));
    expect(await client.json()).toMatchObject({ code: "too-large" });
    client.send({ op: "say", text: "x".repeat(16_384) });
    expect(await client.json()).toMatchObject({ op: "said" });
  });

  test("rooms per client and members per room are bounded", async () => {
    const server = await startMode("chat", { "room-size": "1" });
    const ada = await member(server, "ada", "r0");
    const bob = await Client.open(server.url);
    bob.send({ op: "join", room: "r0" });
    expect(await bob.json()).toMatchObject({ op: "error", code: "room-full" });
    for (let n = 1; n <= 32; n++) ada.send({ op: "join", room: `r${n}` });
    expect(await ada.until("error")).toMatchObject({ code: "too-many-rooms" });
  });

  test("rooms of a server are bounded; empty ones make place", async () => {
    const server = await startMode("chat");
    const client = await Client.open(server.url);
    for (let n = 0; n < 1200; n++) {
      client.send({ op: "join", room: `r${n}`, quiet: true });
      client.send({ op: "leave", room: `r${n}` });
    }
    client.send({ op: "join", id: "last", room: "last" });
    expect(await client.until("ok")).toMatchObject({ id: "last" });
    expect(server.mode.stats?.()["rooms"]).toBe(1000);
  });

  test("who does not read misses messages instead of filling memory, and can see it", async () => {
    const server = await startMode("chat");
    const [ada, slow] = [await member(server, "ada"), await member(server, "slow")];
    await ada.until("joined");
    slow.socket.pause();
    const text = "x".repeat(16_000);
    // 10,000 × 16 kB would be 160 MB: more than the kernel and the backlog of one client hold.
    let said = 0;
    await vi.waitFor(
      async () => {
        for (let n = 0; n < 250; n++, said++) ada.send({ op: "say", text });
        for (let n = 0; n < 250; n++) await ada.json();
        expect(server.mode.stats?.()["skipped"]).toBeGreaterThan(0);
      },
      { timeout: 10_000, interval: 1 },
    );
    slow.socket.resume();
    let [last, missing] = [2, 0];
    for (let read = 0; read < said + 1000 && missing === 0; read++) {
      // Only what comes after the backlog shows that something is missing.
      if (slow.waiting === 0) {
        ada.send({ op: "say", text: "more" });
        await ada.json();
      }
      const seq = Number((await slow.json())["seq"]);
      missing = seq - last - 1;
      last = seq;
    }
    expect(missing).toBeGreaterThan(0);
    expect(missing).toBeLessThanOrEqual(server.mode.stats?.()["skipped"] ?? 0);
  });

  test("whatever a client sends, the server answers the next request", async () => {
    const { url } = await startMode("chat");
    const op = fc.constantFrom("join", "leave", "say", "presence", "history", "__proto__");
    const request = fc.record(
      { op, id: fc.jsonValue(), room: fc.jsonValue(), name: fc.jsonValue(), after: fc.jsonValue() },
      { requiredKeys: [] },
    );
    const message = fc.oneof(fc.string(), request);
    await fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 10 }), async (messages) => {
        const client = await Client.open(url);
        for (const each of messages) client.send(each);
        client.send({ op: "join", id: "end", room: "the end" });
        for (let read = 0; read < 1000; read++) {
          const answer = await client.json();
          if (answer["id"] === "end") {
            expect(["ok", "error"]).toContain(answer["op"]);
            client.socket.terminate();
            return;
          }
        }
        throw new Error("no answer");
      }),
      { numRuns: 40 },
    );
  });
});

describe.skipIf(!requirePythonWebsockets())("for Python's websockets", () => {
  test("joins, says, hears", async () => {
    const { url } = await startMode("chat");
    const came = await playPython(url, [
      { send: { op: "join", id: 1, room: "lobby", name: "py" } },
      { expect: { op: "joined", from: "py", seq: 1 } },
      { expect: { op: "ok", id: 1, seq: 1 } },
      { send: { op: "say", text: "häll😀" } },
      { expect: { op: "said", seq: 2, text: "häll😀" } },
      { send_hex: "cafe" },
      { expect_hex: "cafe" },
      { send: { op: "nope", id: 2 } },
      { expect: { op: "error", id: 2, code: "unknown-op" } },
    ]);
    expect(came).toHaveLength(5);
  });
});
