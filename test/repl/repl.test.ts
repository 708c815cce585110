/** The prompt as a whole: how it ends, what the server can do to it, and what Tab knows. */
import { describe, expect, test } from "vitest";
import type { RawData } from "ws";
import { Backoff } from "../../src/base/backoff.js";
import { startWsEcho } from "../support/servers.js";
import { converse } from "./conversation.js";

/** What came in one piece, as ws gives it unless told otherwise. */
function textOf(data: RawData): string {
  return Buffer.isBuffer(data) ? data.toString() : "";
}

const ctrlC = "\u0003";
const ctrlD = "\u0004";

describe("the end", () => {
  test("Ctrl-C on an empty line closes with 1000", async () => {
    const server = await startWsEcho();
    const on = await converse(server.url);
    on.terminal.type("half", ctrlC, ctrlC);
    expect(await on.ended).toMatchObject({ outcome: "quit", end: { code: 1000, clean: true } });
    expect(on.terminal.input.isRaw).toBe(false);
  });

  test("the second Ctrl-C leaves a server that does not answer", async () => {
    const server = await startWsEcho();
    server.wss.on("connection", (socket) => socket.pause());
    const on = await converse(server.url);
    on.terminal.type(ctrlC);
    await on.terminal.see("closing");
    on.terminal.type(ctrlC);
    expect((await on.ended).outcome).toBe("quit");
  });

  test("Ctrl-D closes", async () => {
    const server = await startWsEcho();
    const on = await converse(server.url);
    on.terminal.type(ctrlD);
    expect((await on.ended).outcome).toBe("quit");
  });

  test("after the server has closed, the prompt stays; leaving it tells how it was closed", async () => {
    const server = await startWsEcho();
    server.wss.on("connection", (socket) =>
      socket.on("message", () => socket.close(4002, "enough")),
    );
    const on = await converse(server.url);
    await on.say("x", 'closed by the server: 4002 "enough"');
    await on.terminal.see("○ closed");
    on.terminal.type(ctrlD);
    expect(await on.ended).toMatchObject({ outcome: "closed", end: { code: 4002, by: "them" } });
  });

  test("Ctrl-C then is still a quiet end", async () => {
    const server = await startWsEcho();
    server.wss.on("connection", (socket) => socket.on("message", () => socket.terminate()));
    const on = await converse(server.url);
    await on.say("x", "○ closed");
    on.terminal.type(ctrlC);
    expect(await on.ended).toMatchObject({ outcome: "quit", end: { code: 1006 } });
  });

  test("a first connection that cannot be opened ends it", async () => {
    const server = await startWsEcho({ refuse: 403 });
    const on = await converse(server.url);
    const { outcome, error } = await on.ended;
    expect(outcome).toBe("failed");
    expect(error?.message).toContain("403");
  });

  test("a signal ends it at once", async () => {
    const server = await startWsEcho();
    const stop = new AbortController();
    const on = await converse(server.url, { signal: stop.signal });
    stop.abort();
    expect((await on.ended).outcome).toBe("quit");
    expect(on.terminal.output.written).toContain("\u001B[?2004l");
  });

  test("an unknown lens is told before anything is opened", async () => {
    await expect(converse("ws://127.0.0.1:1", { lens: "jsonrcp" })).rejects.toThrow("no lens");
  });
});

describe("the other side", () => {
  test("a flood is sampled, all of it is kept, and a key is echoed meanwhile", async () => {
    const server = await startWsEcho();
    server.wss.on("connection", (socket) => {
      socket.on("message", () => {
        for (let each = 0; each < 5000; each++) socket.send(`{"tick":${each}}`);
      });
    });
    const on = await converse(server.url);
    await on.say("go", /… [\d\s]+ messages not shown/u);
    const from = on.terminal.text.length;
    on.terminal.type("k");
    // Drawn within the key's own event: nothing has to be waited for.
    expect(on.terminal.text.slice(from)).toMatch(/❯ k\r?$/);
    on.terminal.type("\u007F");
    await on.say("/grep tick.:4999", /1 messages? of 5 ?002|#5001/);
    const drawn = on.terminal.text.match(/← \{"tick"/g) ?? [];
    expect(drawn.length).toBeLessThan(1000);
  });

  test("a message of 100 MB and one of 50,000 fragments leave the prompt usable", async () => {
    const server = await startWsEcho();
    server.wss.on("connection", (socket) => {
      socket.on("message", (data) => {
        if (textOf(data) === "huge") socket.send(Buffer.alloc(100_000_000, "x"), { binary: false });
        if (textOf(data) !== "many") return;
        for (let each = 0; each < 50_000; each++) socket.send("f", { fin: false });
        socket.send("end", { fin: true });
      });
    });
    const on = await converse(server.url, { frames: true });
    const seen = await on.say("huge", "MiB more: /show");
    expect(seen.length).toBeLessThan(20_000);
    await on.say("many", "50001 frames");
    await on.say("/info", "95.4 MiB");
    await on.say("hello", "← hello");
    expect(on.terminal.output.written.length).toBeLessThan(2_000_000);
  });

  test("a lost connection is opened again, the gap told, and what was typed meanwhile sent", async () => {
    const server = await startWsEcho();
    const backoff = new Backoff({ kind: "fixed", base: 300 });
    const on = await converse(server.url, {}, { reconnect: backoff });
    for (const socket of server.wss.clients) socket.terminate();
    await on.terminal.see("◌ waiting");
    await on.say("meanwhile", "kept until the connection is open");
    await on.terminal.see(/● open again after/);
    await on.terminal.see("← meanwhile");
  });

  test("a lens is chosen by the subprotocol, and answers what the protocol asks for", async () => {
    const answers: string[] = [];
    const server = await startWsEcho({ ws: { handleProtocols: () => "graphql-transport-ws" } });
    server.wss.on("connection", (socket) => {
      socket.on("message", (data) => answers.push(textOf(data)));
      socket.send('{"type":"ping"}');
    });
    const dial = { request: { subprotocols: ["graphql-transport-ws"] } };
    const on = await converse(server.url, {}, { dial });
    await on.terminal.see(/lens graphql/);
    await on.terminal.see("→ pong");
    expect(answers[0]).toBe('{"type":"pong"}');
  });

  test("a lens is shown large messages as well", async () => {
    const server = await startWsEcho();
    server.wss.on("connection", (socket) => {
      socket.on("message", () => {
        socket.send(`{"jsonrpc":"2.0","id":1,"result":"${"x".repeat(2_000_000)}"}`);
      });
    });
    const on = await converse(server.url, { lens: "jsonrpc" });
    const seen = await on.say("sum [1]", /← result of sum #1/);
    expect(seen.length).toBeLessThan(10_000);
  });

  test("without a lens a reply says how long it took, where its id or its bytes tell", async () => {
    const server = await startWsEcho();
    const on = await converse(server.url);
    await on.say("hello", /← hello \(.*s\)/);
    for (const socket of server.wss.clients) {
      socket.removeAllListeners("message");
      socket.on("message", () => {
        socket.send('{"event":"other"}');
        socket.send('{"ok":true,"id":7}');
      });
    }
    const seen = await on.say('{"do":"it","id":7}', /"id": 7\} \(.*s\)/);
    expect(seen).toMatch(/"other"\}\r?\n/);
  });

  test("-P shows pings and pongs, and no other frames", async () => {
    const server = await startWsEcho();
    const on = await converse(server.url, { showPingPong: true });
    await on.say("x", "← x");
    for (const socket of server.wss.clients) socket.ping("beat");
    await on.terminal.see(/← ▪ ping FIN "beat"[^]*→ ▪ pong FIN masked "beat"/);
    expect(on.terminal.text).not.toContain("▪ text");
  });
});

describe("Tab", () => {
  test("knows commands, their words, profiles, variables and keys that were seen", async () => {
    const server = await startWsEcho();
    const on = await converse(server.url);
    const { terminal } = on;
    const completed = async (typed: string, expected: string) => {
      const from = terminal.text.length;
      terminal.type(typed, "\t");
      await terminal.see(expected, from);
      terminal.type("\u0015");
    };
    await completed("/temp", "/templates ");
    await completed("/frames of", "/frames off");
    await completed("/connect @st", "/connect @staging");
    await on.say('{"channel":"a"}', "← ");
    await completed('{"ch', '{"channel": ');
    await on.say("/set greeting hi", "greeting =");
    await completed("{{ gre", "{{ greeting");
    await completed("{{ $rando", "{{ $random");
    await completed("/lens gra", "/lens graphql");
    await completed("/capture x $.chan", "/capture x $.channel");
    await completed("/expect 5s $.data.ch", "/expect 5s $.data.channel");
    await completed("{", '{"channel": ');
    await completed('{"a": [1, {"b": 2}], "ch', '{"a": [1, {"b": 2}], "channel": ');
    const before = terminal.text.length;
    terminal.type('{"a": ', "\t", "[1, ", "\t", "\u0015", "hello, ", "\t", "\u0015");
    expect(terminal.text.slice(before)).not.toContain("channel");
  });

  test("what looks like JSON and is none is sent, and said to be none", async () => {
    const server = await startWsEcho();
    const on = await converse(server.url);
    await on.say('{"a":1,}', "it looks like JSON, and is none");
    const from = on.terminal.text.length;
    await on.say('{"a":1}', "← ");
    await on.say("plain", "← plain");
    expect(on.terminal.text.slice(from)).not.toContain("looks like JSON");
  });

  test("a command says how it goes on", async () => {
    const server = await startWsEcho();
    const on = await converse(server.url);
    on.terminal.type("/wait");
    await on.terminal.see("[TIMEOUT] EXPR");
  });
});
