/** Shows that no secret reaches the disk, in no spelling, through a recorder in a process of its own. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { MessageLine } from "../../src/recording/line.js";
import { payloadOf } from "../../src/recording/payload.js";
import { readRecording } from "../../src/recording/reader.js";
import { exitWithin, startChild } from "../support/child.js";
import { newPath } from "./recording-files.js";

const program = fileURLToPath(new URL("canary-process.js", import.meta.url));

const places =
  "password parameter bearer basic cookie header subprotocol referer setCookie location told declared matched".split(
    " ",
  );
/** Each is found by a part of it as well, whatever it was encoded into. */
const canaries = Object.fromEntries(
  places.map((place) => [place, `c4n4ry/${place}+Zq7-d0n0tsh0w`]),
);

/** What of it is to be seen in base64, in whichever step it stands. */
function* base64Parts(secret: string): Generator<string> {
  for (const before of [0, 1, 2]) {
    const text = Buffer.from("x".repeat(before) + secret).toString("base64url");
    for (let at = 4; at + 12 <= text.length - 4; at += 4) yield text.slice(at, at + 12);
  }
}

test("a canary in each place is in no file", async () => {
  const path = newPath();
  const child = startChild(process.execPath, [program, path, JSON.stringify(canaries)]);
  const { code, stderr } = await exitWithin(child, 15_000);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const bytes = readFileSync(path);
  // As a whole, percent-encoding undone as well, and all base64 in it undone.
  const seen = [
    bytes.toString("latin1"),
    bytes.toString("latin1").replaceAll("%2F", "/").replaceAll("%2f", "/"),
  ];
  let messages = 0;
  const recorded = readRecording(path);
  const { redacted } = await recorded.header;
  for await (const { line } of recorded) {
    if (line.k !== "in" && line.k !== "out" && line["op"] === undefined) continue;
    messages++;
    const payload = payloadOf(line as MessageLine);
    const text = payload.toString("latin1");
    seen.push(text, Buffer.from(text, "base64").toString("latin1"));
  }
  expect(messages).toBeGreaterThan(500);
  const all = seen.join("\n");
  const links = all.replaceAll("+", "-").replaceAll("/", "_");
  for (const [place, secret] of Object.entries(canaries)) {
    const own = `${place}+Zq7`;
    for (const part of [own, secret, encodeURIComponent(own), own.replace("+", "%2b")]) {
      expect(all.includes(part), `${place} as ${part}`).toBe(false);
    }
    for (const part of base64Parts(secret)) {
      expect(links.includes(part), `${place} in base64: ${part}`).toBe(false);
    }
  }
  expect(redacted).toEqual(
    expect.arrayContaining([
      "$..password",
      "authorization",
      "cookie",
      "set-cookie",
      "token",
      "userinfo",
    ]),
  );
  // What is no secret is there.
  expect(all).toContain("room=1");
  expect(all).toContain("the code is [redacted] now");
});
