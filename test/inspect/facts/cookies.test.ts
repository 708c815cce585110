import { expect, test } from "vitest";
import { cookiesOf } from "../../../src/inspect/facts/cookies.js";
import { Secrets } from "../../../src/inspect/secrets.js";

const none = new Secrets([]);

test.each([
  ["sid=s3cret; Path=/; HttpOnly; Secure; SameSite=Lax", "sid", true, true, "lax"],
  ["sid=s3cret;secure;HTTPONLY;samesite=STRICT", "sid", true, true, "strict"],
  ["sid=s3cret; SameSite=None", "sid", false, false, "none"],
  ["sid=s3cret; SameSite=Whatever", "sid", false, false, undefined],
  ["sid=Secure; Path=/HttpOnly", "sid", false, false, undefined],
  ["sid=a; SameSite=Lax; SameSite=Strict", "sid", false, false, "strict"],
])("%s", (value, name, secure, httpOnly, sameSite) => {
  const cookies = cookiesOf([["Set-Cookie", value]], none);
  expect(cookies).toEqual([{ name, secure, httpOnly, sameSite }]);
  expect(JSON.stringify(cookies)).not.toContain("s3cret");
});

test("what is no cookie is left out, and a flood is bounded", () => {
  expect(cookiesOf([["Set-Cookie", "s3cret"]], none)).toEqual([]);
  const many = Array.from({ length: 1000 }, (_, i) => ["set-cookie", `c${i}=1`] as const);
  expect(cookiesOf(many, none).length).toBeLessThanOrEqual(50);
});

test.each([
  ["session-id-1", "session-id-1"],
  ["sidebar", "sidebar"],
  ["preferences", "preferences"],
  // Nobody calls a cookie that.
  ["3f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c", "SECRET"],
])("the name %s, which is a secret elsewhere, is shown as %s", (name, shown) => {
  const cookies = cookiesOf([["Set-Cookie", `${name}=a`]], new Secrets([name]));
  expect(cookies[0]?.name).toBe(shown);
});
