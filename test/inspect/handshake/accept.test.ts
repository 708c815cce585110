/** Shows HS-05 and HS-06: a wrong accept value is found, with what was done wrong. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { whyWrong } from "../../../src/inspect/handshake/accept-recipes.js";
import { switching } from "../../e2e/raw-server.js";
import { http, lookWith, startFaulty, valuesIn } from "./exemplary.js";

const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const sample = "dGhlIHNhbXBsZSBub25jZQ==";

/** A 101 to the request with that accept value. */
function accepting(head: string, accept: (key: string) => string): string {
  const value = accept(valuesIn(head, "sec-websocket-key")[0] ?? "");
  return switching(head).replace(
    /Sec-WebSocket-Accept: .*/,
    () => `Sec-WebSocket-Accept: ${value}`,
  );
}

const digest = (text: string | Buffer, kind = "sha1", as: "base64" | "hex" = "base64"): string =>
  createHash(kind).update(text).digest(as);

describe("HS-05 says what was done", () => {
  test.each<[string, (key: string) => string, string]>([
    [
      "the decoded key",
      (key) => digest(Buffer.concat([Buffer.from(key, "base64"), Buffer.from(guid)])),
      "the hash of the decoded key",
    ],
    ["no GUID", (key) => digest(key), "the GUID was not appended"],
    ["GUID in lower case", (key) => digest(key + guid.toLowerCase()), "the GUID in lower case"],
    ["GUID after a space", (key) => digest(`${key} ${guid}`), "a space before the GUID"],
    ["hex", (key) => digest(key + guid, "sha1", "hex"), "the hash in hex; it has to be base64"],
    [
      "base64 of hex",
      (key) => Buffer.from(digest(key + guid, "sha1", "hex")).toString("base64"),
      "base64 of the hash in hex",
    ],
    ["the RFC's sample", () => "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "static"],
    ["its misprint", () => "s3pPLMBiTxaQ9kYGzzhZgRcKULk=", "of the sample in RFC 6455"],
    ["the key itself", (key) => key, "the key itself"],
    ["cut off", (key) => digest(key + guid).slice(0, 20), "cut off after 20 of its 28"],
    ["a line feed", (key) => digest(`${key}${guid}\n`), "a line feed at the end"],
    ["quotes", (key) => digest(`"${key}"${guid}`), "the key in quotes"],
    ["SHA-256", (key) => digest(key + guid, "sha256"), "SHA-256"],
    ["nothing at all", () => "", "empty"],
    ["something else", () => "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "in no way that is known"],
  ])("%s", async (_what, accept, why) => {
    const { url } = await startFaulty((head) => accepting(head, accept));
    const { findings, verdicts } = await lookWith("HS-05", url);
    expect(verdicts).toEqual({ "HS-05": "fail" });
    expect(findings[0]?.severity).toBe("critical");
    expect(findings[0]?.message).toContain(why);
    expect(findings[0]?.repro).toContain("Sec-WebSocket-Key");
  });

  test("the misprint is wrong for the RFC's own key, and the right value stands beside it", async () => {
    const { url } = await startFaulty((head) =>
      accepting(head, () => "s3pPLMBiTxaQ9kYGzzhZgRcKULk="),
    );
    const { findings } = await lookWith("HS-05", url, { options: { request: { key: sample } } });
    expect(findings[0]?.verdict).toBe("fail");
    expect(findings[0]?.message).toContain(
      '"s3pPLMBiTxaQ9kYGzzhZgRcKULk=", not "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="',
    );
    expect(findings[0]?.message).toContain("misprint");
  });

  test("missing, and twice", async () => {
    const missing = await startFaulty((head) =>
      switching(head).replace(/Sec-WebSocket-Accept.*\r\n/, ""),
    );
    const twice = await startFaulty((head) =>
      switching(head).replace(/(Sec-WebSocket-Accept.*\r\n)/, "$1$1"),
    );
    const seen = await Promise.all([missing, twice].map(async ({ url }) => lookWith("HS-05", url)));
    expect(seen.map(({ findings }) => findings[0]?.verdict)).toEqual(["fail", "fail"]);
    expect(seen.map(({ findings }) => findings[0]?.message)).toEqual([
      expect.stringContaining("is missing"),
      expect.stringContaining("came 2 times"),
    ]);
  });

  test("the right value is never wrong", () => {
    expect(whyWrong("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", sample)).not.toContain("static");
  });
});

describe("HS-06", () => {
  test.each<[string, (head: string) => string, string]>([
    [
      "a 101 from a cache fails",
      (head) => accepting(head, () => "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
      "fail",
    ],
    [
      "values that are wrong, and differ, are not from a cache",
      (head) => accepting(head, digest),
      "pass",
    ],
    [
      "no value cannot be compared",
      (head) => switching(head).replace(/Sec-WebSocket-Accept.*\r\n/, ""),
      "inconclusive",
    ],
  ])("%s", async (_what, answer, verdict) => {
    const { url } = await startFaulty(answer);
    const { findings } = await lookWith("HS-06", url);
    expect(findings.map((each) => each.verdict)).toEqual([verdict]);
    if (verdict === "fail") expect(findings[0]?.severity).toBe("critical");
  });

  test("a cache that the first request filled is found, even with a key of the user's", async () => {
    let stored: string | undefined;
    const { url } = await startFaulty((head) => (stored ??= switching(head)));
    const { findings } = await lookWith("HS-06", url, {
      options: { request: { headers: [["Sec-WebSocket-Key", sample]] } },
    });
    expect(findings.map(({ verdict, severity }) => [verdict, severity])).toEqual([
      ["fail", "critical"],
    ]);
    expect(findings[0]?.repro).toBe(`wsctl inspect --only HS-06 ${url}`);
  });

  test("a second request that is refused says nothing", async () => {
    let count = 0;
    const { url } = await startFaulty(() => (count++ === 0 ? undefined : http("403 Forbidden")));
    const { verdicts } = await lookWith("HS-06", url);
    expect(verdicts).toEqual({ "HS-06": "inconclusive" });
  });
});
