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

test("a name that is a secret said back is none", () => {
  const cookies = cookiesOf([["Set-Cookie", "s3cret-1=a"]], new Secrets(["s3cret-1"]));
  expect(cookies[0]?.name).toBe("SECRET");
});
