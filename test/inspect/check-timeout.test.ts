import { describe, expect, test } from "vitest";
import { parseTarget } from "../../src/dial/target.js";
import { Asker } from "../../src/inspect/asker.js";
import { patience, probeTimeout } from "../../src/inspect/check-timeout.js";
import { Pace } from "../../src/inspect/pace.js";
import type { Reply } from "../../src/inspect/reply.js";
import { startRaw } from "../e2e/raw-server.js";

const signal = new AbortController().signal;

async function unanswered(): Promise<{ asker: Asker; baseline: Reply; pace: Pace }> {
  const { url } = await startRaw({ answer: () => undefined });
  const pace = new Pace(0);
  const base = { target: parseTarget(url), options: {}, pace, signal };
  const asker = new Asker(base, { handshakes: 5, connections: 5 });
  return { asker, pace, baseline: await asker.ask({ timeout: 20 }) };
}

describe("patience", () => {
  test("is shorter once the server was silent twice, and counts what connecting took", async () => {
    const { asker, baseline } = await unanswered();
    const subject = { asker, baseline, options: {}, signal };
    expect(patience(subject)).toBe(probeTimeout);
    await asker.ask({ timeout: 20 });
    expect(asker.isImpatient).toBe(true);
    const short = patience(subject);
    expect(short).toBeLessThan(probeTimeout / 2);
    const phases = { dns: 5, tcp: 10, tls: 0, upgrade: 185 };
    const far = { ...baseline, kind: "answered", phases } as unknown as Reply;
    expect(patience({ ...subject, baseline: far })).toBe(short + 400);
  });

  test("is never more than the user's", async () => {
    const { asker, baseline } = await unanswered();
    const options = { timeouts: { total: 120 } };
    expect(patience({ asker, baseline, options, signal })).toBe(120);
  });

  test("is not lost by requests that are no probes, nor by a server that hangs up", async () => {
    const { url } = await startRaw({ answer: () => "", upgraded: (socket) => void socket.end() });
    const options = { timeouts: { total: 3000 } };
    const pace = new Pace(0);
    const silent = await unanswered();
    const base = { target: parseTarget(url), options, pace, signal };
    const asker = new Asker(base, { handshakes: 5 });
    for (let asked = 0; asked < 3; asked++) await asker.ask({ timeout: 2000 });
    expect(silent.pace.isImpatient).toBe(false);
    expect(asker.isImpatient).toBe(false);
  });
});

test("a probe has no more time than the user gave", async () => {
  const { url } = await startRaw({ answer: () => undefined });
  const options = { timeouts: { total: 30 } };
  const base = { target: parseTarget(url), options, pace: new Pace(0), signal };
  const reply = await new Asker(base, { handshakes: 1 }).ask({ timeout: 60_000 });
  expect(reply.kind === "unanswered" && reply.error.message).toContain("30");
});
