/** Shows how recordings are read for playing: small ones kept, large ones read again, bad ones refused. */
import { appendFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readTakes } from "../../src/replay/mock-take.js";
import { Client } from "../serve/modes/mode-server.js";
import { fileOf, into, out, play, recording, upgrade } from "./mock-rig.js";

/** More than is kept of one file. */
const large = [
  upgrade("/large"),
  ...Array.from({ length: 100 }, (_, n) => [
    out({ ask: n }),
    into(`${n} ${"x".repeat(100_000)}`),
  ]).flat(),
  upgrade("/next"),
  out("hi"),
  into("ho"),
];

describe("a large recording", () => {
  const file = recording(large);

  test("is played from its file, to each client for itself", async () => {
    const { url } = await play([file]);
    const heard = async (): Promise<string[]> => {
      const client = await Client.open(`${url}large`);
      const answers: string[] = [];
      for (let n = 0; n < 100; n++) {
        client.send("?");
        answers.push((await client.text()).split(" ", 1).join());
      }
      return answers;
    };
    const wanted = Array.from({ length: 100 }, (_, n) => String(n));
    expect(await Promise.all([heard(), heard()])).toEqual([wanted, wanted]);
    const client = await Client.open(`${url}next`);
    client.send("hi");
    expect(await client.text()).toBe("ho");
  });

  test("a message of it is found and answered from its place", async () => {
    const { url } = await play([file], { match: true });
    const client = await Client.open(`${url}large`);
    for (const n of [90, 3, 50]) {
      client.send({ ask: n });
      expect((await client.text()).split(" ", 1)).toEqual([String(n)]);
    }
  });

  test("that changes meanwhile is not played from the wrong places", async () => {
    const own = recording(large);
    const { url, server } = await play([own]);
    appendFileSync(own, "# a comment\n");
    const client = await Client.open(`${url}large`);
    expect(await client.closed).toBe(1011);
    expect(server.events).toContainEqual(
      expect.objectContaining({
        event: "failed",
        error: expect.stringContaining("has changed") as string,
      }),
    );
  });
});

describe("reading", () => {
  test("connections of several files, with what they asked for", async () => {
    const files = [
      recording([upgrade("/a?x=1", "v1"), out("1"), upgrade("/b")], { name: "two.wsrec" }),
      recording([into("hello")], { url: "wss://h/c?y", name: "one.wsrec" }),
    ];
    expect(await readTakes(files)).toMatchObject([
      { name: "two.wsrec #1", path: "/a", target: "/a?x=1", subprotocol: "v1", hears: 1 },
      { name: "two.wsrec #2", path: "/b", subprotocol: "", hears: 0 },
      { name: "one.wsrec", path: "/c", target: "/c?y" },
    ]);
  });

  test("a torn end is told, and what is before it is played", async () => {
    const problems: unknown[] = [];
    const file = fileOf(
      '{"wsrec":1,"url":"","startedAt":"2026-01-01T00:00:00.000Z","tool":"t","redacted":[]}\n' +
        '# by hand\n\n{"t":1,"k":"in","op":1,"data":"a"}\n{"t":2,"k":"in","op":1,"da',
    );
    const onProblem = (...problem: unknown[]): void => void problems.push(problem);
    const [take] = await readTakes([file], { onProblem });
    const steps: unknown[] = [];
    for await (const step of take!.steps()) steps.push(step);
    expect(steps).toMatchObject([{ kind: "say", payload: Buffer.from("a") }]);
    expect(problems.length).toBeGreaterThan(0);
  });

  test.each([
    ["no recording", "hello\n"],
    ["nothing", ""],
    ["a future version", '{"wsrec":2,"url":"","startedAt":"","tool":"","redacted":[]}\n'],
    [
      "a broken line",
      '{"wsrec":1,"url":"","startedAt":"2026-01-01T00:00:00.000Z","tool":"","redacted":[]}\n{"t":\n{"t":1,"k":"in","op":1,"data":""}\n',
    ],
  ])("%s is refused, by the file's name", async (_, text) => {
    const file = fileOf(text);
    await expect(readTakes([file])).rejects.toMatchObject({ code: "WSCTL_EUSAGE" });
    const error: unknown = await readTakes([file]).catch((thrown: unknown) => thrown);
    const { message, where } = error as { message: string; where: string[] };
    expect(`${message} ${where.join(" ")}`).toContain(file);
  });

  test("what is not there, or a directory, is refused too", async () => {
    await expect(readTakes(["/nonexistent/x.wsrec"])).rejects.toMatchObject({
      code: "WSCTL_EUSAGE",
    });
    await expect(readTakes(["/"])).rejects.toMatchObject({ code: "WSCTL_EUSAGE" });
  });
});
