/** Shows that a message that comes is looked at no more often than needed. */
import { afterEach, expect, test, vi } from "vitest";
import { Incoming } from "../../../src/load/flow/incoming.js";
import { compileJsonPath } from "../../../src/message/json-path.js";
import { MemberFinder } from "../../../src/message/member-finder.js";

afterEach(() => {
  vi.restoreAllMocks();
});

test.each([
  ["7", 7],
  ["-5", -5],
  ["1.5", 1.5],
  ["1234567890123456", 1234567890123456],
  ['"a\\u00e9"', "aé"],
  ['{"k":1}', { k: 1 }],
])("the id %s is found, its message searched once at most", (id, expected) => {
  const incoming = new Incoming();
  const find = vi.spyOn(MemberFinder.prototype, "find");
  const path = compileJsonPath("$.id").singular!;
  for (const filler of [10, 500]) {
    const bytes = Buffer.from(`{"data":"${"x".repeat(filler)}","id":${id}}`);
    find.mockClear();
    incoming.take(1, bytes, 0, bytes.length);
    expect(incoming.select(path)).toEqual(expected);
    expect(find.mock.calls.length).toBeLessThanOrEqual(1);
    // A rule that looks at the same message later.
    expect(incoming.view.select(compileJsonPath("$.data").singular!)).toHaveLength(filler);
  }
});

test("of what is kept no more than asked for is kept, and no character is cut in two", () => {
  const incoming = new Incoming();
  const bytes = Buffer.from(`..${"aé€😀".repeat(5000)}`);
  for (let most = 16_380; most <= 16_390; most++) {
    incoming.take(1, bytes, 2, bytes.length);
    const kept = incoming.copy(most);
    expect(kept.bytes.length).toBeLessThanOrEqual(most);
    expect(kept.bytes.length).toBeGreaterThan(most - 4);
    expect(kept.bytes.buffer.byteLength).toBeLessThan(bytes.length);
    expect(kept.text).toBeDefined();
    expect(incoming.size).toBe(bytes.length - 2);
  }
  expect(incoming.copy().bytes.equals(bytes.subarray(2))).toBe(true);
});
