/** Shows the mock server: gated by what the client says, faithful in what it says itself. */
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { Client } from "../serve/modes/mode-server.js";
import { until } from "../serve/running.js";
import { into, out, play, recording, serverCloses, upgrade } from "./mock-rig.js";

/** Answers one message of a client after the other. */
const talk = [
  upgrade("/chat"),
  into({ op: "welcome" }),
  out({ op: "join" }),
  into({ op: "joined" }),
  into({ op: "members", n: 2 }),
  out({ op: "say" }),
  into({ op: "said" }),
];

describe("by count", () => {
  test("says what was said before the first message, then answers each when it comes", async () => {
    const { url } = await play([recording(talk)]);
    const client = await Client.open(url);
    expect(await client.json()).toEqual({ op: "welcome" });
    expect(client.waiting).toBe(0);
    client.send("whatever");
    expect(await client.json()).toEqual({ op: "joined" });
    expect(await client.json()).toEqual({ op: "members", n: 2 });
    expect(client.waiting).toBe(0);
    client.send("more");
    expect(await client.json()).toEqual({ op: "said" });
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
  });

  test("a message too many is told, counted and not answered; the connection stays open", async () => {
    const { url, mock, notes } = await play([recording([out("a"), into("A")])]);
    const client = await Client.open(url);
    client.send("a");
    expect(await client.text()).toBe("A");
    client.send("b");
    await until("it is told", () => mock.unexpected() === 1);
    const told = notes.find(({ event }) => event === "unexpected");
    expect(told).toMatchObject({ connection: 1, message: 2, nth: 1, data: Buffer.from("b") });
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
    expect(mock.mode.stats?.()).toMatchObject({ said: 1, heard: 1, unexpected: 1 });
  });

  test("another kind of message than recorded is told, and answered all the same", async () => {
    const { url, mock } = await play([recording([out("a"), into("A")])]);
    const client = await Client.open(url);
    client.send(Buffer.from("a"));
    expect(await client.text()).toBe("A");
    expect(mock.unexpected()).toBe(1);
  });

  test("answers stay in order for a client that sends all at once", async () => {
    const lines = Array.from({ length: 50 }, (_, n) => [out(`q${n}`), into(`a${n}`)]).flat();
    const { url } = await play([recording(lines)], { speed: 100 });
    const client = await Client.open(url);
    for (let n = 0; n < 50; n++) client.send(`q${n}`);
    const answers: string[] = [];
    for (let n = 0; n < 50; n++) answers.push(await client.text());
    expect(answers).toEqual(Array.from({ length: 50 }, (_, n) => `a${n}`));
  });

  test("many clients at once each hear it from the beginning", async () => {
    const { url } = await play([recording(talk)]);
    const heard = await Promise.all(
      Array.from({ length: 30 }, async () => {
        const client = await Client.open(url);
        const welcome = await client.json();
        client.send("join");
        return [welcome["op"], (await client.json())["op"]];
      }),
    );
    expect(heard).toEqual(Array.from({ length: 30 }, () => ["welcome", "joined"]));
  });
});

describe("pace", () => {
  test("an answer comes as long after its message as it was recorded", async () => {
    const lines = [upgrade(), out("q", { t: 5000 }), into("a", { t: 5120 })];
    const { url } = await play([recording(lines)], { speed: 1 });
    const client = await Client.open(url);
    const asked = performance.now();
    client.send("q");
    await client.text();
    // Timers may fire a little early, as the clock of the test sees it.
    expect(performance.now() - asked).toBeGreaterThan(110);
  });

  test("pushes that come before the client's next message do not hold that up", async () => {
    const lines = [
      upgrade(),
      out("subscribe", { t: 10 }),
      into("ok", { t: 11 }),
      into("tick", { t: 3_600_000 }),
      out("stop", { t: 3_600_001 }),
      into("bye", { t: 3_600_002 }),
    ];
    const { url } = await play([recording(lines)], { speed: 1 });
    const client = await Client.open(url);
    client.send("subscribe");
    expect(await client.text()).toBe("ok");
    client.send("stop");
    expect([await client.text(), await client.text()]).toEqual(["tick", "bye"]);
  });

  test("silence is cut to the idle cap", async () => {
    const lines = [upgrade(), into("late", { t: 3_600_000 })];
    const { url } = await play([recording(lines)], { speed: 1, idleCap: 20 });
    const client = await Client.open(url);
    expect(await client.text()).toBe("late");
  });
});

describe("what it says", () => {
  test("opcodes, bytes, empty messages and frames are those of the recording", async () => {
    const bytes = Buffer.from([0, 1, 2, 255]);
    const lines = [
      upgrade(),
      into(bytes),
      into(""),
      into("fragmented", { frags: [3, 0, 7] }),
      into(Buffer.alloc(70_000, 7)),
    ];
    const { url } = await play([recording(lines)]);
    const client = await Client.open(url);
    expect(await client.next()).toEqual({ data: bytes, isBinary: true });
    expect(await client.next()).toEqual({ data: Buffer.alloc(0), isBinary: false });
    expect(await client.text()).toBe("fragmented");
    expect((await client.next()).data).toHaveLength(70_000);
  });

  test("text that is no UTF-8 goes out as it came in", async () => {
    const lines = [
      upgrade(),
      { k: "in", op: 1, b64: Buffer.from([0xff, 0xfe]).toString("base64") },
    ];
    const { url } = await play([recording(lines)]);
    const client = new Client(url);
    // The client refuses it, as it refused it then.
    expect(await client.closed).toBe(1006);
  });

  test("pings are sent; pongs and what the client pinged are not waited for", async () => {
    const lines = [
      upgrade(),
      { k: "in", op: 9, b64: Buffer.from("hi").toString("base64") },
      { k: "out", op: 10, b64: "" },
      { k: "out", op: 9, b64: "" },
      { k: "in", op: 10, b64: "" },
      into("after"),
    ];
    const { url } = await play([recording(lines)]);
    const client = new Client(url);
    const [payload] = (await once(client.socket, "ping")) as [Buffer];
    expect(payload.toString()).toBe("hi");
    expect(await client.text()).toBe("after");
  });

  test.each([
    [4001, "go away", 4001, "go away"],
    [1000, "", 1000, ""],
    [1005, "", 1005, ""],
    [1006, "", 1006, ""],
    // What may not be sent is not sent.
    [1016, "x", 1005, ""],
    [70_000, "x", 1005, ""],
  ])("the server's close %i “%s” is seen as %i", async (code, reason, seen, said) => {
    const { url } = await play([recording([upgrade(), serverCloses(code, reason)])]);
    const client = new Client(url);
    const [closed, why] = (await once(client.socket, "close")) as [number, Buffer];
    expect([closed, why.toString()]).toEqual([seen, said]);
  });

  test("a reason that is too long for a frame is cut between characters", async () => {
    const { url } = await play([recording([upgrade(), serverCloses(4000, "é".repeat(100))])]);
    const client = new Client(url);
    const [, why] = (await once(client.socket, "close")) as [number, Buffer];
    expect(why.toString()).toBe("é".repeat(61));
  });

  test("a close of the client is the client's to make", async () => {
    const close = { k: "close", by: "client", code: 1000, reason: "" };
    const { url } = await play([recording([upgrade(), into("a"), close])]);
    const client = await Client.open(url);
    expect(await client.text()).toBe("a");
    client.socket.close(1000);
    expect(await client.closed).toBe(1000);
  });

  test("compression is agreed to where it is asked for, and changes nothing", async () => {
    const long = "lorem ipsum ".repeat(1000);
    const lines = [upgrade(), into(long), into("x", { frags: [1], rsv1: true })];
    const { url } = await play([recording(lines)], { compress: true });
    const client = await Client.open(url);
    expect(client.socket.extensions).toContain("permessage-deflate");
    expect([await client.text(), await client.text()]).toEqual([long, "x"]);
  });
});

describe("who hears what", () => {
  test("a client gets the recording of its path, and of these each in turn", async () => {
    const file = (path: string, text: string) => recording([upgrade(path), into(text)]);
    const { url } = await play([file("/a", "a1"), file("/b?x=1", "b1"), file("/a", "a2")]);
    const heard = async (path: string) => (await Client.open(url.replace(/\/$/, path))).text();
    expect(await heard("/a")).toBe("a1");
    expect(await heard("/b")).toBe("b1");
    expect(await heard("/a?other")).toBe("a2");
    expect(await heard("/a")).toBe("a1");
    expect(await heard("/elsewhere")).toBe("a1");
    expect(await heard("/elsewhere")).toBe("b1");
  });

  test("the subprotocol is agreed as recorded, and chooses among recordings", async () => {
    const file = (name: string) => recording([upgrade("/", name), into(name)]);
    const { url } = await play([file("chat.v1"), file("chat.v2")]);
    const client = new WebSocket(url, ["unknown", "chat.v2"]);
    const [data] = (await once(client, "message")) as [Buffer];
    expect([client.protocol, data.toString()]).toEqual(["chat.v2", "chat.v2"]);
    client.terminate();
  });

  test("a lost connection is cut, and the next one is played what followed", async () => {
    const lines = [
      upgrade(),
      into("first"),
      { k: "gap", why: "reconnect", attempt: 1, lasted: 5 },
      upgrade(),
      into("second"),
    ];
    const { url, notes } = await play([recording(lines, { name: "reconnects.wsrec" })]);
    const client = await Client.open(url);
    expect(await client.text()).toBe("first");
    expect(await client.closed).toBe(1006);
    expect(await (await Client.open(url)).text()).toBe("second");
    expect(notes).toMatchObject([
      { recording: "reconnects.wsrec #1" },
      { recording: "reconnects.wsrec #2" },
    ]);
  });

  test("an upgrade that was refused is refused again, without letting headers in", async () => {
    const refused = upgrade("/", "", {
      status: 401,
      response: [
        ["WWW-Authenticate", "Bearer"],
        ["Retry-After", "1\r\nX-Evil: 1"],
      ],
    });
    const { url } = await play([recording([refused])]);
    const client = new WebSocket(url);
    client.on("error", () => {});
    const [request, response] = await new Promise<
      [unknown, { statusCode: number; headers: object }]
    >((resolve) => client.on("unexpected-response", (...given) => resolve(given as never)));
    expect(request).toBeDefined();
    expect(response.statusCode).toBe(401);
    expect(response.headers).toMatchObject({ "www-authenticate": "Bearer" });
    expect(response.headers).not.toHaveProperty("x-evil");
    expect(response.headers).not.toHaveProperty("retry-after");
    client.terminate();
  });
});
