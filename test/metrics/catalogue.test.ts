/** Shows the names of metrics, and that no tag value can forge a key. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { catalogue, parseSeriesKey, seriesKey, type Metric } from "../../src/metrics/catalogue.js";

const metrics: [string, Metric][] = Object.entries(catalogue);

test.each(metrics)("%s says what it is", (name, { kind, unit, merge, help }) => {
  expect(name).toMatch(/^((ws|wsctl)_[a-z_]+(?:_\d+)?|checks)$/);
  expect(help.length).toBeGreaterThan(8);
  // Only gauges need a rule, and none goes without.
  expect(merge !== undefined).toBe(kind === "gauge");
  if (kind === "trend") expect(unit).toBe("ms");
  if (kind === "rate") expect(unit).toBe("share");
});

describe("series keys", () => {
  test.each([
    [{}, "ws_close"],
    [{ code: "1000" }, "ws_close{code:1000}"],
    [{ code: "1000", by: "server" }, "ws_close{by:server,code:1000}"],
    [{ by: "server", code: "1000" }, "ws_close{by:server,code:1000}"],
    [{ cause: "" }, "ws_close{cause:}"],
    [{ cause: "a:b" }, "ws_close{cause:a:b}"],
  ])("%j is %s", (tags, key) => {
    expect(seriesKey("ws_close", tags)).toBe(key);
    expect(parseSeriesKey(key)).toEqual({ name: "ws_close", tags });
  });

  test("values that were cleaned come back as they were cleaned, under their own tags alone", () => {
    const value = fc.oneof(
      fc.array(fc.nat(0xffff), { maxLength: 80 }).map((units) => String.fromCharCode(...units)),
      fc.constantFrom(
        "a,by:client",
        "}",
        "{",
        "x}ws_msgs_sent{y:1",
        "\u001b[2J",
        "\n",
        "__proto__",
      ),
    );
    fc.assert(
      fc.property(value, value, (cause, reason) => {
        const key = seriesKey("ws_connect_failed", { reason, cause });
        expect(key).toMatch(/^ws_connect_failed\{cause:[\w.:/ -]*,reason:[\w.:/ -]*\}$/);
        const { name, tags } = parseSeriesKey(key);
        expect(name).toBe("ws_connect_failed");
        expect(Object.keys(tags)).toEqual(["cause", "reason"]);
        for (const text of Object.values(tags)) expect(text.length).toBeLessThanOrEqual(64);
        expect(seriesKey("ws_connect_failed", tags)).toBe(key);
      }),
      { numRuns: 200 },
    );
  });
});
