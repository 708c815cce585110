/** Shows every command of the prompt at work: typed in a real terminal to the real program, and heard by a real server. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startWsEcho } from "../support/servers.js";
import { requireTmux, TmuxScreen } from "../support/tmux-screen.js";
import { type HearingServer, type Peer, startHearing } from "./hearing-server.js";

const [continuation, text, binary, close, ping, pong] = [0, 1, 2, 8, 9, 10];
const driven = new Set<string>();

let directory = "";
let server: HearingServer;
let screen: TmuxScreen;

function peer(): Peer {
  return server.peers.at(-1)!;
}

/** Types a line at an empty screen, and waits until something stands there. */
async function say(line: string, seen: RegExp): Promise<string> {
  return screen.enter(line, seen);
}

/** Waits until the newest of what the server has heard is this. */
async function hears(...frames: readonly (readonly [opcode: number, payload: string])[]) {
  await expect.poll(() => peer().frames.slice(-frames.length), { timeout: 10_000 }).toEqual(frames);
}

/** Has the server say something, once the screen shows nothing else. */
async function come(message: string, seen: RegExp): Promise<string> {
  await say("/templates on", /templates on/);
  peer().socket.send(message);
  return screen.see(seen, "-J");
}

/** A test of a command, noted so that none is forgotten. */
function command(name: string, run: () => Promise<void>): void {
  driven.add(name);
  test(`/${name}`, run);
}

describe.skipIf(!requireTmux())("in one long session", () => {
  beforeAll(async () => {
    directory = mkdtempSync(path.join(tmpdir(), "wsctl-commands-"));
    server = await startHearing();
    const flags = ["-H", "X-Tenant: blue", "--bearer", "s3cret", "--no-history"];
    screen = new TmuxScreen({ columns: 130, rows: 90 }, ["connect", `${server.url}room`, ...flags]);
    await screen.see(/● open in/);
  });

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  command("help", async () => {
    const seen = await say("/help", /Ctrl-C/);
    const listed = [...seen.matchAll(/^\/(\w+)/gm)].map(([, name]) => name!);
    // A new command has to be driven here.
    expect([...driven].sort()).toEqual(listed.sort());
    await say("/help fragment", /^\/fragment K TEXT\n +send the text as one message in K frames$/m);
  });

  command("send", async () => {
    await say("/send {{ as it is }}", /← \{\{ as it is \}\}/);
    await hears([text, "{{ as it is }}"]);
  });

  command("binary", async () => {
    await say("/binary 00 fe 41", /← binary 3 B.*\n +0000 +00 fe 41/);
    await hears([binary, "\x00\xfeA"]);
  });

  command("file", async () => {
    const name = path.join(directory, "message");
    writeFileSync(name, "from a file");
    await say(`/file ${name}`, /← from a file/);
    await say(`/file ${name} binary`, /← binary 11 B/);
    await hears([text, "from a file"], [binary, "from a file"]);
  });

  command("fragment", async () => {
    await say("/fragment 3 abcdef", /← abcdef/);
    await hears([text, "ab"], [continuation, "cd"], [continuation, "ef"]);
  });

  command("ping", async () => {
    await say("/ping hello", /· pong after \d/);
    await hears([ping, "hello"]);
  });

  command("pong", async () => {
    await say("/pong unasked", /❯ \/pong unasked/);
    await hears([pong, "unasked"]);
  });

  command("close", async () => {
    await say("/close 4001 enough", /closed by us: 4001 "enough"[^]*○ closed \S+ ❯/);
    await hears([close, "\x0f\xa1enough"]);
    await say("anybody?", /not sent: there is no connection/);
  });

  command("reconnect", async () => {
    const before = server.peers.length;
    await say("/reconnect", /● open[^]*● \S+ ❯/);
    expect(server.peers).toHaveLength(before + 1);
    await say("/reconnect", /● open again after/);
    expect(server.peers).toHaveLength(before + 2);
    await say("here again", /← here again/);
    await hears([text, "here again"]);
  });

  command("connect", async () => {
    const first = peer();
    await using other = await startWsEcho();
    const heard: string[] = [];
    other.wss.on("connection", (socket, request: IncomingMessage) => {
      socket.on("message", (data: Buffer) => {
        heard.push(`${request.url} ${request.headers.authorization} ${data.toString()}`);
      });
    });
    await say(`/connect ${other.url}elsewhere`, new RegExp(`● open[^]*● \\S+:${other.port} ❯`));
    await say("moved", /← moved/);
    expect(heard).toEqual(["/elsewhere undefined moved"]);
    await expect.poll(() => first.frames.at(-1), { timeout: 10_000 }).toEqual([close, "\x03\xe8"]);
    await say(`/connect ${server.url}room`, new RegExp(`● open[^]*● \\S+:${server.port} ❯`));
    expect(peer().request.headers.authorization).toBe("Bearer s3cret");
  });

  command("headers", async () => {
    const seen = await say("/headers", /← HTTP\/1\.1 101[^]*Sec-WebSocket-Accept/);
    expect(seen).toMatch(/→ GET \/room HTTP\/1\.1\n[^]*X-Tenant: blue/);
    expect(seen).not.toContain("s3cret");
    await say("/headers secrets", /Authorization: Bearer s3cret/);
  });

  command("info", async () => {
    await say("counted", /← counted/);
    const seen = await say("/info", /^kept /m);
    expect(seen).toMatch(/^state +open$/m);
    expect(seen).toMatch(new RegExp(`^address +127\\.0\\.0\\.1 port ${server.port}$`, "m"));
    expect(seen).toMatch(/^sent +\d+ messages?, .* on the wire$/m);
  });

  command("frames", async () => {
    await say("/frames on", /· frames on/);
    await say("framed", /→ ▪ text FIN masked[^]*← ▪ text FIN · 6 B payload, 8 B on the wire/);
    await say("/frames off", /· frames off/);
    expect(await say("framed", /← framed/)).not.toContain("▪");
  });

  command("pretty", async () => {
    await say("/pretty off", /· pretty off/);
    await say('{"a":1}', /← \{"a":1\}/);
    await say("/pretty on", /· pretty on/);
    await say('{"a":1}', /← \{"a": 1\}/);
  });

  command("raw", async () => {
    await come("\u001B[35mviolet", /← ␛\[35mviolet/);
    await say("/raw on", /· raw on/);
    peer().socket.send("\u001B[35mviolet");
    await screen.see(/← violet/);
    expect(screen.text("-e")).toContain("\u001B[35mviolet");
    await say("/raw off", /· raw off/);
  });

  command("lens", async () => {
    await say("/lens", /· lens auto: the connection tells of none\n[^]*^jsonrpc /m);
    await say("/lens jsonrpc", /for example: sum/);
    await say("sum [1,2]", /→ sum #1/);
    await hears([text, '{"jsonrpc":"2.0","id":1,"method":"sum","params":[1,2]}']);
    await come('{"jsonrpc":"2.0","id":1,"result":3}', /← result of sum #1/);
    await say("/lens off", /· lens off/);
  });

  command("filter", async () => {
    await say('/filter $.op == "b"', /· filter \$\.op == "b"/);
    peer().socket.send('{"op":"hidden"}');
    expect(await come('{"op":"b"}', /← \{"op": "b"\}/)).not.toContain("hidden");
    await say("/filter off", /· filter off/);
    await come('{"op":"open"}', /← \{"op": "open"\}/);
  });

  command("grep", async () => {
    await say("a needle in hay", /← a needle/);
    await say("/grep NEEDLE", /· 0 messages of/);
    await say("/grep needle", /#\d+ → a needle[^]*#\d+ ← a needle[^]*· 2 messages of/);
  });

  command("show", async () => {
    const seen = await come(`${"long ".repeat(700)}end`, /… .* more: \/show \d+/);
    expect(seen).not.toContain("long end");
    await say(`/show ${/\/show (\d+)/.exec(seen)?.[1]}`, /long end/);
    await say("short", /← short/);
    await say("/show", /#\d+ ← short/);
  });

  command("save", async () => {
    const kept = path.join(directory, "kept.wsrec");
    await say("worth keeping", /#\d+ ← worth keeping/);
    const number = /#(\d+) ←/.exec(screen.text())?.[1];
    await say(`/save ${kept}`, /messages written to/);
    const lines = readFileSync(kept, "utf8").trimEnd().split("\n");
    expect(JSON.parse(lines[0]!)).toMatchObject({ wsrec: 1, url: `${server.url}room` });
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ k: "in", op: 1, data: "worth keeping" });
    expect(statSync(kept).mode & 0o777).toBe(0o600);
    await say(`/save ${directory}/one ${number}`, /#\d+ written to/);
    expect(readFileSync(path.join(directory, "one"), "utf8")).toBe("worth keeping");
  });

  command("set", async () => {
    await say('/set user {"name":"Ada"}', /· user = \{"name":"Ada"\}/);
    await say('{"by":"{{ user.name }}"}', /← \{"by": "Ada"\}/);
    await hears([text, '{"by":"Ada"}']);
  });

  command("vars", async () => {
    await say("/set room blue", /· room = "blue"/);
    await say("/vars", /^room = "blue"$[^]*^built in: .*\$uuid/m);
  });

  command("capture", async () => {
    await say("/capture id $.id", /· id is captured by \$\.id/);
    await come('{"id":12}', /· id = 12/);
    await say("number {{ id }}", /← number 12/);
    await hears([text, "number 12"]);
    await say("/capture id off", /· id is not captured any more/);
  });

  command("templates", async () => {
    await say("/templates off", /· templates off/);
    await say("{{ room }}", /← \{\{ room \}\}/);
    await say("/templates on", /· templates on/);
    await say("{{ nothing }}", /✗ .*unknown name nothing/);
    await hears([text, "{{ room }}"]);
  });

  command("alias", async () => {
    await say('/alias join {"join":"$1"}', /^\/join /m);
    await say("/join blue", /← \{"join": "blue"\}/);
    await hears([text, '{"join":"blue"}']);
    await say("/alias join off", /· no alias/);
  });

  command("repeat", async () => {
    await say("/repeat 3 1ms /send again", /(?:← again[^]*){3}/);
    await hears([text, "again"], [text, "again"], [text, "again"]);
    await say("/repeat 9 1h once", /← once[^]*⟳ ❯/);
    screen.keys("C-c");
    await screen.see(/● \S+ ❯\s*$/);
    expect(peer().frames.at(-1)).toEqual([text, "once"]);
  });

  command("wait", async () => {
    await say("/wait 20ms text:never", /✗ nothing that matches text:never came within 20/);
    await say("/wait 20s text:later", /⟳ ❯/);
    peer().socket.send("later");
    await screen.see(/✓ #\d+ matches text:later/);
  });

  command("expect", async () => {
    await say("/expect 20s text:soon", /⟳ ❯/);
    peer().socket.send("soon");
    await screen.see(/✓ #\d+ matches text:soon/);
  });

  command("record", async () => {
    const name = path.join(directory, "talk.wsrec");
    await say(`/record ${name}`, /· recording to/);
    await say("on record", /← on record/);
    await say("/record mark logged in", /· marked/);
    await say("/record stop", /· recorded .*: 1 sent, 1 received/);
    const kept = readFileSync(name, "utf8");
    const kinds = [...kept.matchAll(/"k":"(\w+)"/g)].map(([, kind]) => kind);
    expect(kinds).toEqual(["upgrade", "out", "in", "mark", "end"]);
    expect(kept).not.toContain("s3cret");
  });

  command("script", async () => {
    const lines = ["# what it says", "{", '"n":1}', "/expect 9s $.n == 1", "/nonsense", "never"];
    const name = path.join(directory, "script");
    writeFileSync(name, lines.join("\n"));
    await say(`/script ${name}`, /✓ #\d+ matches \$\.n == 1[^]*✗ .*nonsense[^]*script:5/);
    await hears([text, '{\n"n":1}']);
  });

  command("curl", async () => {
    const seen = await say("/curl", /^curl [^]*\/room'?/m);
    expect(seen).toContain("X-Tenant: blue");
    expect(seen).not.toContain("s3cret");
  });

  test("no colour was used that fades on a light or a dark background", () => {
    expect(screen.text("-e")).toContain("\u001B[32m");
    expect(screen.fading()).toEqual([]);
  });

  command("quit", async () => {
    await say("/quit", /closed by us: 1000[^]*exit code 0/);
    await hears([close, "\x03\xe8"]);
  });

  test("/expect that does not hold makes it end with 6", async () => {
    const args = ["connect", server.url, "--no-history"];
    screen = new TmuxScreen({ columns: 130 }, args);
    await screen.see(/● open in/);
    await say("/expect 20ms text:never", /✗ nothing that matches text:never came within/);
    await say("/quit", /exit code 6/);
    await hears([close, "\x03\xe8"]);
  });
});
