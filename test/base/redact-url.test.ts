/** Shows which parts of an address are hidden, and that the others stay as they were written. */
import { expect, test } from "vitest";
import { redactQuery, redactUrl } from "../../src/base/redact-url.js";

const canary = "c4n4ry";

test.each([
  [`room=1;token=${canary}`, "room=1;token=redacted"],
  [`token=${canary};x=${canary}&room=1`, "token=redacted&room=1"],
  [`next=/a?token=${canary}`, "next=/a?token=redacted"],
  ["a=%20+b&&c", "a=%20+b&&c"],
  ["token=&token", "token=&token"],
  ["", ""],
])("%s", (query, shown) => {
  expect(redactQuery(query)).toBe(shown);
  expect(redactUrl(`ws://h/?${query}`)).toBe(`ws://h/?${shown}`);
});

test("behind a # as well", () => {
  expect(redactUrl(`https://h/cb#access_token=${canary}&state=1`)).toBe(
    "https://h/cb#access_token=redacted&state=1",
  );
});
