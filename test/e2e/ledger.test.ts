/** Shows that the ledger of stamps says exactly what the server did to the messages. WSCTL_LONG=1: 10⁵. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadJson, startServe, total } from "./load-run.js";

const messages = process.env["WSCTL_LONG"] ? 100_000 : 10_000;
const [users, seconds] = [10, 5];
const rate = messages / users / seconds;

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "wsctl-e2e-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Stats {
  readonly injected: Readonly<Record<string, number>>;
}

/** Sends so many stamps through these faults; says what both sides counted. */
async function through(faults: readonly string[]) {
  const args = faults.flatMap((fault) => ["--fault", fault]);
  await using server = await startServe(["--seed", "7", ...args]);
  const file = path.join(folder, "stamps.yaml");
  writeFileSync(
    file,
    `
config:
  target: ${server.url}
  load: { connections: ${users}, duration: ${seconds + 3}s, gracefulStop: 2s }
  correlate: { by: stamp, timeout: 2s }
scenarios:
  - name: stamps
    repeat: once
    flow: [ { every: { rate: ${rate}/s, for: ${seconds}s, send: "{{ $stamp }}" } } ]
`,
  );
  const { result } = await loadJson([file, "-q"]);
  const { injected } = (await server.stats()) as Stats;
  const of = (name: string): number => total(result, `ws_msg_${name}`);
  const ledger = {
    stamped: of("stamped"),
    delivered: of("delivered"),
    lost: of("lost"),
    duplicate: of("duplicate"),
    reordered: of("reordered"),
    corrupt: of("corrupt"),
    unmatched: of("unmatched"),
  };
  expect(ledger.stamped).toBe(messages);
  expect(ledger.delivered + ledger.lost + ledger.corrupt).toBe(messages);
  return { ledger, injected };
}

describe("the ledger equals what the server injected", { timeout: 60_000 }, () => {
  test("messages dropped are lost", async () => {
    const { ledger, injected } = await through(["drop,p=1%"]);
    expect(injected["drop"]).toBeGreaterThan(0);
    expect(ledger).toMatchObject({
      lost: injected["drop"],
      duplicate: 0,
      reordered: 0,
      corrupt: 0,
    });
  });

  test("messages doubled are duplicates", async () => {
    const { ledger, injected } = await through(["dup,p=1%"]);
    expect(injected["dup"]).toBeGreaterThan(0);
    expect(ledger).toMatchObject({ duplicate: injected["dup"], lost: 0, reordered: 0, corrupt: 0 });
  });

  test("messages overtaken are reordered", async () => {
    const { ledger, injected } = await through(["reorder,p=1%"]);
    expect(injected["reorder"]).toBeGreaterThan(0);
    expect(ledger).toMatchObject({ reordered: injected["reorder"], lost: 0, duplicate: 0 });
  });

  test("messages damaged are corrupt, or else unmatched and lost", async () => {
    const { ledger, injected } = await through(["corrupt,p=1%"]);
    expect(injected["corrupt"]).toBeGreaterThan(0);
    expect(ledger).toMatchObject({ duplicate: 0, reordered: 0, lost: ledger.unmatched });
    expect(ledger.corrupt + ledger.lost).toBe(injected["corrupt"]);
  });

  test("all of them, none on a message that another one hits", async () => {
    // The duplicator counts what the dropper has let through: 99 of 100.
    const { ledger, injected } = await through([
      "reorder,at=50,every=100",
      "corrupt,at=70,every=100",
      "drop,at=10,every=100",
      "dup,at=29,every=99",
    ]);
    const each = messages / 100;
    expect(injected).toMatchObject({ reorder: each, corrupt: each, drop: each, dup: each });
    expect(ledger).toMatchObject({ duplicate: each, reordered: each });
    // A damaged stamp that no longer begins like one is unmatched, and its sequence is missing.
    expect(ledger.lost).toBe(each + ledger.unmatched);
    expect(ledger.corrupt).toBe(each - ledger.unmatched);
  });
});
