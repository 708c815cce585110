/** Every command of the prompt, typed by a person to a real server. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { WebSocket } from "ws";
import { commands } from "../../src/repl/commands.js";
import { startWsEcho, type WsEcho } from "../support/servers.js";
import { type Conversation, converse } from "./conversation.js";

let server: WsEcho;
let peer: WebSocket;
let dir: string;
let on: Conversation;
const tested = new Set<string>();

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), "wsctl-repl-"));
  server = await startWsEcho({ ws: { perMessageDeflate: true } });
  server.wss.on("connection", (socket) => {
    peer = socket;
  });
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

beforeEach(async () => {
  on = await converse(server.url, { env: { HOME_TOWN: "Ulm" } });
});

/** A test of a command, noted so that none is forgotten. */
function command(name: string, run: () => Promise<void>): void {
  tested.add(name);
  test(`/${name}`, run);
}

describe("sending", () => {
  command("send", async () => {
    await on.say("/lens jsonrpc", "lens jsonrpc");
    await on.say("/send {{ not a hole }}", "← {{ not a hole }}");
    await on.say("/send", "hint: write it like /send TEXT");
  });

  test("a typed line; two slashes send one; the text as it is, spaces too", async () => {
    await on.say(" padded  ", /#2 ←  padded {2}/);
    await on.say("//help", "← /help");
    await on.say("/hlep", "did you mean /help?");
  });

  command("binary", async () => {
    await on.say("/binary 00 ff:41", "00 ff 41");
    await on.say("/binary base64:AQID", "01 02 03");
    const file = path.join(dir, "bytes");
    writeFileSync(file, Buffer.from([0xca, 0xfe]));
    await on.say(`/binary @${file}`, "ca fe");
    await on.say("/binary xyz", "neither hexadecimal nor base64");
  });

  command("file", async () => {
    const file = path.join(dir, "a text.txt");
    writeFileSync(file, "from a file");
    await on.say(`/file ${file}`, "← from a file");
    await on.say(`/file ${file} binary`, "← binary 11 B");
    await on.say(`/file ${dir}/none`, "cannot read");
  });

  command("fragment", async () => {
    await on.say("/frames on", "frames on");
    const seen = await on.say("/fragment 3 abcdef", "← abcdef");
    expect(seen.match(/→ ▪ continuation/g)).toHaveLength(2);
    await on.say("/fragment 0 abc", "cannot have 0 fragments");
  });

  command("repeat", async () => {
    await on.say("/repeat 3 1ms n{{ $seq }}", "← n3");
    await on.say("/repeat 2 /ping", /pong after[^]*pong after/);
    await on.say("/repeat 2 1000h x", "1000h is too long");
    await on.say("/repeat 100000 1h x", "→ x");
    await on.say("\u0003");
    await on.say("still here", "← still here");
    expect(on.terminal.text).not.toContain("closing");
  });
});

describe("control frames and the connection", () => {
  command("ping", async () => {
    await on.say("/ping hello", "pong after");
  });

  command("pong", async () => {
    await on.say("/frames on", "frames on");
    await on.say("/pong unasked", '→ ▪ pong FIN masked "unasked"');
  });

  command("close", async () => {
    await on.say("/close 4001 enough", 'closed by us: 4001 "enough"');
    await on.say("hello", "not sent: there is no connection");
    await on.say("/close 999");
    await on.say("/close abc", "a close code is a number");
  });

  command("reconnect", async () => {
    await on.say("/reconnect", "● open again after");
    await on.say("/close", "closed by us: 1000");
    await on.say("/reconnect", "● open");
    await on.say("hello", "← hello");
  });

  command("connect", async () => {
    await using other = await startWsEcho();
    await on.say(`/connect ${other.url}`, "● open");
    await on.say("there", "← there");
    expect(on.sessions).toHaveLength(2);
    await on.say("/connect @other", "● open");
    await on.say("/connect ftp://x", "not a WebSocket address");
    await on.say("/connect ws://127.0.0.1:1/", /✗ [^]*refused/);
    await on.say("/reconnect", "✗");
  });

  command("headers", async () => {
    const seen = await on.say("/headers", /HTTP\/1\.1 101[^]*Sec-WebSocket-Accept/);
    expect(seen).toMatch(/→ GET \/ HTTP\/1\.1[^]*Host: 127\.0\.0\.1/);
    server.wss.once("headers", (lines) => {
      lines.push("Location: https://me:pw@h/?x=1&access_token=s3cret#code=s3cret");
    });
    const token = `s3cret${"0".repeat(60)}`;
    const dial = { request: { subprotocols: ["chat", token] } };
    const other = await converse(`${server.url}?ticket=s3cret&room=7`, {}, { dial });
    const hidden = await other.say("/headers", "Sec-WebSocket-Accept");
    expect(hidden).not.toMatch(/s3cret|:pw@/);
    expect(hidden).toMatch(/ticket=\[redacted\]&room=7[^]*Protocol: chat, \[redacted\]/);
    await other.say("/headers secrets", /ticket=s3cret[^]*me:pw@h/);
  });

  command("info", async () => {
    await on.say("hello", "← hello");
    await on.say("/ping", "pong after");
    const seen = await on.say("/info", "kept");
    for (const fact of ["state        open", "1 messages, 5 B", "1 of 1 pings answered"]) {
      expect(seen).toContain(fact);
    }
  });

  command("curl", async () => {
    await on.say("/curl", `curl '${server.url}'`);
  });
});

describe("what is shown", () => {
  command("frames", async () => {
    await on.say("/frames on", "frames on");
    await on.say("x", "← ▪ text FIN · 1 B payload, 3 B on the wire");
    await on.say("/frames perhaps", "neither on nor off");
    // Alone it says how it stands.
    await on.say("/frames", "frames on");
    await on.say("/frames off", "frames off");
  });

  command("pretty", async () => {
    await on.say("/pretty off", "pretty off");
    await on.say('{"a":1}', '← {"a":1}');
    await on.say("/pretty on", "pretty on");
    await on.say('{"a":1}', '← {"a": 1}');
  });

  command("raw", async () => {
    peer.send("a\u001B[5mb");
    await on.terminal.see("a␛[5mb");
    await on.say("/raw", "raw off");
    await on.say("/raw on", "raw on");
    peer.send("c\u001B[5md");
    await on.terminal.see("cd");
    expect(on.terminal.output.written).toContain("c\u001B[5md");
  });

  command("filter", async () => {
    await on.say('/filter $.op == "b"', 'filter $.op == "b"');
    peer.send('{"op":"a"}');
    peer.send('{"op":"b"}');
    const seen = await on.terminal.see('← {"op": "b"}');
    expect(seen).not.toContain('← {"op": "a"}');
    await on.say("/filter $[", "not a JSONPath");
    await on.say("/filter off", "filter off");
    await on.say("/grep op", /#1 ← \{"op":"a"\}[^]*2 messages of 2/);
  });

  command("lens", async () => {
    await on.say("/lens jsonrpc", "for example: sum");
    await on.say("sum [1,2]", /→ sum #1 +\[1, 2\]/);
    peer.send('{"jsonrpc":"2.0","id":1,"result":3}');
    await on.terminal.see(/← result of sum #1 \(.*\) +3/);
    await on.say("/lens jsonrcp", "did you mean jsonrpc?");
    await on.say("/lens", "socketio");
    await on.say("/lens off", "lens off");
    await on.say("/lens auto", "lens auto: the connection tells of none");
    await on.say("/lens socketio", "//admin chat 1");
  });

  command("grep", async () => {
    await on.say("Needle in hay", "← Needle");
    await on.say("/grep needle", "2 messages of 2");
    await on.say("/grep Needl.$", "0 messages of 2");
    await on.say("/grep (", "not a regular expression: a ( is never closed");
    await on.say("/grep *", "not a regular expression: nothing stands before");
  });

  command("show", async () => {
    await on.say("/show", "not kept: none is");
    peer.send(JSON.stringify(Array.from({ length: 100 }, (_, index) => `entry ${index}`)));
    const seen = await on.terminal.see("more: /show 1");
    expect(seen).not.toContain("entry 99");
    await on.say("/show 1", "entry 99");
    await on.say("/show 7", "message 7 is not kept: 1 to 1 are");
    await on.say("/show 1 800", /← [^]*entry 99/);
    await on.say("/show 1 99999", "message 1 has 1091 bytes");
  });

  command("record", async () => {
    const file = path.join(dir, "talk.wsrec");
    await on.say("/record", "nothing is being recorded");
    await on.say("/record stop", "nothing is being recorded");
    await on.say("/record mark x", "hint: /record FILE begins");
    await on.say(`/record ${file}`, "· recording to");
    await on.say("kept", "← kept");
    await on.say("/record mark after login", "· marked");
    await on.say("/record mark", "the mark has no text");
    await on.say(`/record ${file}`, "hint: /record stop ends that");
    await on.say("/record stop", /recorded .*: 1 sent, 1 received/);
    await on.say("not kept", "← not kept");
    await on.say(`/record ${file}`, /there\s+already/);
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    const kinds = lines.map((line) => (JSON.parse(line) as { k?: string }).k);
    expect(kinds).toEqual([undefined, "upgrade", "out", "in", "mark", "end"]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  command("save", async () => {
    await on.say("text", "← text");
    await on.say("/binary 00ff", "← binary");
    const file = path.join(dir, "kept.wsrec");
    await on.say(`/save ${file}`, "4 messages written");
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    const values = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(values[0]).toMatchObject({ wsrec: 1, url: server.url });
    expect(values[2]).toMatchObject({ k: "in", op: 1, data: "text" });
    expect(values[4]).toMatchObject({ k: "in", op: 2, b64: "AP8=" });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await on.say(`/save ${file}`, /cannot write .*: it is there already[^]*hint: .*another name/);
    await on.say(`/save ${dir}/none/such`, "there is no such file or directory");
    await on.say(`/save ${dir}/one 3`, "#3 written");
    expect(readFileSync(path.join(dir, "one"))).toEqual(Buffer.from([0, 0xff]));
  });
});

describe("variables", () => {
  command("set", async () => {
    await on.say('/set user {"name":"Ada"}', "user = ");
    await on.say("/set greeting Hello {{ user.name }}", 'greeting = "Hello Ada"');
    await on.say("{{ greeting }} of {{ $env.HOME_TOWN }}", "← Hello Ada of Ulm");
    await on.say("{{ gretting }}", "did you mean greeting?");
    await on.say("/set __proto__ 1", "cannot be a variable");
  });

  command("vars", async () => {
    await on.say("/set a 1", "a = 1");
    await on.say("/capture b $.b", "b is captured");
    expect(await on.say("/vars", "built in")).toMatch(/a = 1[^]*b is captured by \$\.b/);
  });

  command("capture", async () => {
    await on.say("/capture token $.token", "token is captured by $.token");
    await on.say(String.raw`/capture n /n=(\d+)/`, "n is captured");
    peer.send('{"token":"t-1"}');
    peer.send("n=42");
    await on.terminal.see("n = ");
    await on.say("{{ token }} {{ n }}", "← t-1 42");
    await on.say("/capture n off", "n is not captured any more");
    await on.say("/capture n", "hint:");
    await on.say("/capture who $.from", "who is captured by $.from");
    await on.say("{{ who }}", "who has no value yet: no message matched $.from so far");
    await on.say(String.raw`\{{ who }}`, "← {{ who }}");
  });

  test("/capture looks at what came before, and its line stands below the message", async () => {
    peer.send('{"from":"Ada"}');
    peer.send('{"from":"Bob"}');
    peer.send("neither");
    await on.terminal.see("neither");
    await on.say("/capture who $.from", 'who = "Bob", from #2');
    await on.say("/capture none $.none", "none is captured");
    const from = on.terminal.text.length;
    peer.send('{"from":"Cyd"}');
    expect(await on.terminal.see('who = "Cyd"', from)).toMatch(
      /← \{"from": "Cyd"\}[^]*who = "Cyd"/,
    );
  });

  command("templates", async () => {
    await on.say("/templates", "templates on");
    await on.say("/templates off", "templates off");
    await on.say("{{ x }}", "← {{ x }}");
    await on.say("/templates on", "templates on");
    await on.say("{{ x }}", "unknown name x");
  });

  command("alias", async () => {
    await on.say('/alias join {"op":"join","room":"$1"}', "/join");
    await on.say("/join blue", '← {"op": "join", "room": "blue"}');
    await on.say("/alias shout /send HEY", "/shout");
    await on.say("/shout you", "← HEY you");
    await on.say("/alias loop /loop", "/loop");
    await on.say("/loop", "there is no command /loop");
    await on.say("/alias join off", "no alias");
    await on.say("/alias help /send x", "/help is a command, and stays one");
    await on.say("/help send", "/send TEXT");
  });
});

describe("scripts", () => {
  command("wait", async () => {
    await on.say("hello", "← hello");
    // What came since something was said counts, and counts once.
    await on.say("/wait hello", "✓ #2 matches hello");
    const late = "nothing that matches hello came within 20.0 ms [WSCTL_EWAIT]";
    await on.say("/wait 20ms hello", late);
    await on.say("/wait 5s", /what for\?[^]*hint: write it like \/wait/);
    await on.say("/wait 1000h x", "1000h is too long: 596h 31m at most");
    await on.say("/wait later");
    peer.send("later");
    await on.terminal.see("✓ #3 matches later");
    await on.say("/wait never");
    on.terminal.type("\u0003");
    await on.terminal.see("no longer waiting for never");
    await on.say("/quit");
    expect((await on.ended).expectFailed).toBe(false);
  });

  command("expect", async () => {
    await on.say("/expect");
    await on.say("/expect 10ms nothing", "nothing that matches nothing");
    await on.say("/quit");
    expect(await on.ended).toMatchObject({ outcome: "quit", expectFailed: true });
  });

  test("/expect fails when the connection ends first", async () => {
    await on.say("/expect never");
    peer.close(1001);
    await on.terminal.see("the connection ended before never came [WSCTL_EEXPECT]");
    await on.say("/quit");
    expect(await on.ended).toMatchObject({ outcome: "closed", expectFailed: true });
  });

  command("script", async () => {
    const file = path.join(dir, "script");
    writeFileSync(
      file,
      '# a comment\n\n/capture id $.id\n{\n  "id": 7\n}\n/expect 5s $.id == 7\nid {{ id }}\n/wait 5s id 7\n/nonsense\nnever said\n',
    );
    const seen = await on.say(`/script ${file}`, `${file}:10`);
    expect(seen).toContain("← id 7");
    expect(seen).not.toContain("never said");
    writeFileSync(file, `/script ${file}\n`);
    await on.say(`/script ${file}`, "nested too deep");
    await on.say(`/script ${dir}/none`, "there is no such file or directory");
  });
});

describe("help and the end", () => {
  command("help", async () => {
    const seen = await on.say("/help", "Ctrl-C");
    for (const name of commands.keys()) expect(seen).toContain(`/${name}`);
    // A line each, and no line that the terminal would break.
    const rows = seen.split(/\r?\n/).filter((line) => /^\/\w+ {2}/.test(line));
    expect(rows).toHaveLength(commands.size);
    expect(Math.max(...rows.map((row) => row.length))).toBeLessThanOrEqual(100);
    await on.say("/help wait", "/wait [TIMEOUT] EXPR");
    await on.say("/help wiat", "did you mean /wait?");
  });

  command("quit", async () => {
    await on.say("/quit");
    expect(await on.ended).toMatchObject({ outcome: "quit", end: { code: 1000, by: "us" } });
  });

  test("every command is in the manual", () => {
    const manual = readFileSync(new URL("../../docs/connect.md", import.meta.url), "utf8");
    for (const { name, takes } of commands.values()) {
      expect(manual).toContain(`\`${`/${name} ${takes}`.trimEnd().replaceAll("|", "\\|")}\``);
    }
  });

  test("every command is tested here", () => {
    expect([...tested].sort()).toEqual([...commands.keys()].sort());
  });
});
