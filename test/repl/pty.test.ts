/** The prompt in a real terminal: what stands on the screen of tmux, and echo under load. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { succeeds } from "../support/debian.js";
import { startWsEcho } from "../support/servers.js";
import { requireTmux, TmuxScreen } from "../support/tmux-screen.js";

const program = fileURLToPath(new URL("../../bin/wsctl.js", import.meta.url));

describe.skipIf(!requireTmux())("in tmux", () => {
  test.each([80, 120])("at %i columns", async (columns) => {
    const server = await startWsEcho();
    const screen = new TmuxScreen({ columns }, ["connect", "--pretty", server.url]);
    await screen.see(/● open in/);
    screen.keys("-l", "half ty");
    await screen.see(/❯ half ty/);
    for (const socket of server.wss.clients) socket.send('{"op":"hello","n":1}');
    const seen = await screen.see(/#1 ← \{"op": "hello", "n": 1\}/);
    expect(seen.trimEnd().split("\n").at(-1)).toBe(`● 127.0.0.1:${server.port} ❯ half ty`);
    screen.keys("-l", "ped");
    screen.keys("Enter");
    await screen.see(/→ half typed[^]*← half typed/);
    expect(screen.text("-e")).toContain("\u001B[32m");
    screen.paste('one\ntwo\n{"three": 3}\n');
    await screen.see(/❯ one\n┊ two\n┊ \{"three": 3\}/);
    screen.keys("Enter");
    await screen.see(/← \d+ B, 3 lines.*\n {4}one\n {4}two/);
    // A line longer than the terminal is wide wraps, and is taken back whole.
    screen.keys("-l", "w".repeat(150));
    await screen.see(/w{40,}\n\s*w+/);
    screen.keys("C-c");
    await screen.see(/❯\s*$/);
    expect(screen.text()).not.toContain("www");
    screen.keys("C-r");
    screen.keys("-l", "half");
    await screen.see(/search half ❯ half typed/);
    screen.keys("C-g");
    screen.keys("C-c");
    await screen.see(/closed by us: 1000[^]*exit code 0/);
    expect(screen.text()).not.toContain("❯");
  });
});

describe.skipIf(!succeeds("script", ["--version"]))("under load", () => {
  test("each key is echoed while 1,000 messages come per second", async () => {
    const server = await startWsEcho();
    let ticks = 0;
    const timer = setInterval(() => {
      for (const socket of server.wss.clients) {
        for (let each = 0; each < 20; each++) socket.send(`{"tick":${ticks++}}`);
      }
    }, 20);
    const command = `stty cols 100 rows 30; '${process.execPath}' '${program}' connect --no-history ${server.url}`;
    const child = spawn("script", ["-qfc", command, "/dev/null"], {
      env: { ...process.env, TERM: "xterm" },
    });
    const closed = once(child, "close");
    let text = "";
    child.stdout.setEncoding("utf8");
    child.stdout.on("data", (chunk: string) => {
      text = (text + chunk).slice(-100_000);
    });
    const see = async (what: string): Promise<number> => {
      const begun = performance.now();
      while (!text.includes(what) && performance.now() - begun < 8000) {
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      expect(text).toContain(what);
      return performance.now() - begun;
    };
    try {
      await see("messages not shown");
      const times: number[] = [];
      for (let each = 1; each <= 60; each++) {
        text = "";
        child.stdin.write("k");
        times.push(await see("k".repeat(each)));
      }
      expect(times).toHaveLength(60);
      child.stdin.write("\u0003\u0003");
      await see("closed by us");
    } finally {
      clearInterval(timer);
      child.kill();
      child.stdin.end();
      await closed;
    }
  });
});
