import { describe, expect, test } from "vitest";
import type { Phases } from "../../../src/frame/upgrade.js";
import { timingOf } from "../../../src/inspect/facts/timing.js";
import type { Answered, Reply } from "../../../src/inspect/reply.js";

function answered(phases: Phases, more: Partial<Answered> = {}): Answered {
  return {
    kind: "answered",
    response: { status: 101 },
    problems: [],
    phases,
    ...more,
  } as unknown as Answered;
}

const phases = { dns: 1.5, tcp: 2, tls: 10, upgrade: 20.1234567 };

describe("one exchange as curl names it", () => {
  test("cumulated, in seconds to the microsecond", () => {
    const tls = { protocol: "TLSv1.3" } as Answered["tls"];
    expect(timingOf(answered(phases, { tls }), []).curl).toEqual({
      time_namelookup: 0.0015,
      time_connect: 0.0035,
      time_appconnect: 0.0135,
      time_starttransfer: 0.033623,
      time_total: 0.033623,
    });
  });

  test("without TLS there is no time for it", () => {
    const { curl } = timingOf(answered({ ...phases, tls: 0 }), []);
    expect(curl).toMatchObject({ time_appconnect: 0, time_total: 0.023623 });
  });

  test("a tunnel counts as curl counts it: before TLS, after TCP", () => {
    const tls = { protocol: "TLSv1.3" } as Answered["tls"];
    const { curl } = timingOf(answered({ ...phases, proxy: 5 }, { tls }), []);
    expect(curl).toMatchObject({ time_connect: 0.0035, time_appconnect: 0.0185 });
  });
});

describe("several exchanges", () => {
  const at = (upgrade: number, more?: Partial<Answered>): Answered =>
    answered({ dns: 0, tcp: 1, tls: 0, upgrade }, more);

  test("percentiles are exact, by nearest rank", () => {
    // 1 to 20, in no order: half of them are at most 10, and 19 of 20 at most 19.
    const all = Array.from({ length: 20 }, (_, i) => at(((i * 7) % 20) + 1));
    const { runs } = timingOf(at(900), all);
    expect(runs?.phases["upgrade"]).toEqual({ p50: 10, p95: 19, min: 1, max: 20 });
    expect(runs?.phases["total"]).toEqual({ p50: 11, p95: 20, min: 2, max: 21 });
    expect(Object.keys(runs?.phases ?? {})).toEqual(["dns", "tcp", "tls", "upgrade", "total"]);
  });

  test("two are told apart", () => {
    const { runs } = timingOf(at(900), [at(1), at(3)]);
    expect(runs?.phases["upgrade"]).toEqual({ p50: 1, p95: 3, min: 1, max: 3 });
  });

  test("those without an answer, or with a lesser one, only count as failed", () => {
    const unanswered = { kind: "unanswered" } as unknown as Reply;
    const refused = at(900, { response: { status: 503 } as Answered["response"] });
    expect(timingOf(at(0), [unanswered, at(1), refused, at(2)]).runs).toMatchObject({
      count: 4,
      failed: 2,
      phases: { upgrade: { min: 1, max: 2 } },
    });
    expect(timingOf(refused, [refused]).runs).toMatchObject({ count: 1, failed: 0 });
    expect(timingOf(at(1), [unanswered]).runs).toEqual({ count: 1, failed: 1, phases: {} });
  });

  test("a proxy is a phase of its own", () => {
    const { runs } = timingOf(answered(phases), [
      answered({ ...phases, proxy: 5 }),
      answered(phases),
    ]);
    expect(runs?.phases["proxy"]).toMatchObject({ min: 0, max: 5 });
  });
});
