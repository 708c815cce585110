/** Shows that children of tests are read to the last byte, and never outlive the test. */
import { describe, expect, test } from "vitest";
import { type Child, type ChildOptions, exitWithin, startChild } from "./child.js";

function startNode(program: string, options?: ChildOptions): Child {
  return startChild(process.execPath, ["--eval", program], options);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("the end of a child", () => {
  test("has its code and all its output", async () => {
    const child = startNode(
      "process.stderr.write('no'); process.stdout.write('x'.repeat(1e6) + 'é'); process.exitCode = 3",
    );
    const { stdout, ...exit } = await child.exit;
    expect(exit).toEqual({ code: 3, signal: null, stderr: "no" });
    expect(stdout).toHaveLength(1e6 + 1);
    expect(stdout.endsWith("xé")).toBe(true);
  });

  test("comes by a signal sent when it has written something", async () => {
    const child = startNode("console.error('re', 'ady'); setInterval(() => {}, 1e6)");
    child.signalWhen({ pattern: /ready|re ady/, signal: "SIGINT" });
    expect(await child.exit).toMatchObject({ code: null, signal: "SIGINT" });
    expect(child.kill()).toBe(false);
  });

  test("is forced when it takes too long, on what it started as well", async () => {
    const idle = "setInterval(() => {}, 1e6)";
    const child = startNode(
      `const { pid } = require("child_process").spawn(process.execPath, ["--eval", "${idle}"], {
         stdio: "inherit",
       });
       process.on("SIGTERM", () => {}); console.log(pid); ${idle}`,
    );
    expect(await child.nextLine()).toMatch(/^\d+$/);
    await expect(exitWithin(child, 1)).rejects.toThrow(/did not end within 1 ms\nstdout: "\d+\\n"/);
    // Both hold its stdout, so that it would not be at its end if one of them lived on.
    expect(await child.exit).toMatchObject({ signal: "SIGKILL" });
  });

  test("comes with the block that owns it", async () => {
    let pid = 0;
    {
      await using child = startNode("setInterval(() => {}, 1e6)");
      ({ pid } = child);
    }
    expect(isAlive(pid)).toBe(false);
  });

  test("is an error when it cannot start", async () => {
    await expect(startChild("/nonexistent/program", []).exit).rejects.toThrow("ENOENT");
  });
});

describe("what a child reads", () => {
  test("is its stdin, closed at the end", async () => {
    const child = startNode("process.stdin.pipe(process.stdout)", { stdin: "a\nb" });
    expect(await child.exit).toMatchObject({ code: 0, stdout: "a\nb" });
  });

  test("may be nothing of it", async () => {
    const child = startNode("process.exit(0)", { stdin: "x".repeat(1e6) });
    expect(await child.exit).toMatchObject({ code: 0 });
  });

  test("is the environment, with additions and without what was taken", async () => {
    const child = startNode("console.log(process.env.ADDED, process.env.PATH)", {
      env: { ADDED: "here", PATH: undefined },
    });
    expect(await child.exit).toMatchObject({ stdout: "here undefined\n" });
  });
});

describe("the lines of a child", () => {
  test("come one by one, in the order they were asked for, then undefined", async () => {
    const child = startNode("process.stdout.write('one\\n\\ntwo\\nlast')");
    const lines = [child.nextLine(), child.nextLine(), child.nextLine(), child.nextLine()];
    expect(await Promise.all(lines)).toEqual(["one", "", "two", "last"]);
    expect(await child.nextLine()).toBeUndefined();
  });

  test("are waited for no longer than asked", async () => {
    const child = startNode("process.stdout.write('half'); setInterval(() => {}, 1e6)");
    await expect.poll(() => child.output.stdout, { timeout: 10_000 }).toBe("half");
    await expect(child.nextLine(1)).rejects.toThrow(/no further line of .* within 1 ms/);
    child.kill();
    expect(await child.nextLine()).toBe("half");
  });
});
