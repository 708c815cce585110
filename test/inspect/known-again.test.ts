/** Shows that a finding is known again by what it is, whatever the server says beside it. */
import { expect, test } from "vitest";
import { isAccepted } from "../../src/findings/baseline.js";
import type { Finding } from "../../src/findings/finding.js";
import { versionCheck } from "../../src/inspect/handshake/version.js";
import { switching } from "../e2e/raw-server.js";
import { http, startFaulty, valuesIn } from "./handshake/exemplary.js";
import { lookAt } from "./looking.js";

/** What HS-07 finds against a server that answers other versions so; the worst first. */
async function against(answer: (version: string, head: string) => string | undefined) {
  const { url } = await startFaulty((head) =>
    answer(valuesIn(head, "sec-websocket-version").join("+"), head),
  );
  const { findings } = await lookAt(url, [versionCheck]);
  return findings.filter(({ verdict }) => verdict === "fail" || verdict === "warn");
}

function printsOf(findings: readonly Finding[]): string[] {
  return findings.flatMap(({ cases }) => cases.map(({ fingerprint }) => fingerprint));
}

const isOther = (version: string): boolean => version === "14" || version === "";

test("cookies whose values are words of ours move no fingerprint and hide no word", async () => {
  const laxly = (...lines: string[]) =>
    against((version, head) => {
      if (isOther(version)) return switching(head);
      return version === "13" ? switching(head, ...lines) : undefined;
    });
  const plain = await laxly();
  const odd = await laxly("Set-Cookie: a=version 1", "Set-Cookie: b=version missing");
  expect(plain.map(({ case: which }) => which)).toEqual(["version 14, version missing"]);
  expect(printsOf(odd)).toEqual(printsOf(plain));
  expect(odd[0]?.message).toBe(plain[0]?.message);
});

test("what has become graver is not accepted, and what has become less still is", async () => {
  const failing = await against((version) =>
    isOther(version) ? http("500 Internal Server Error") : undefined,
  );
  const accepted = new Map(
    failing.flatMap(({ cases, severity }) =>
      cases.map(({ fingerprint }) => [fingerprint, severity] as const),
    ),
  );
  const [worse] = await against((version, head) =>
    isOther(version) ? switching(head) : undefined,
  );
  expect(failing[0]?.severity).toBe("medium");
  expect(worse?.severity).toBe("high");
  expect(isAccepted(worse!, accepted)).toBe(false);
  const [better] = await against((version) =>
    version === "14" ? http("500 Internal Server Error") : undefined,
  );
  expect(better?.case).toBe("version 14");
  expect(isAccepted(better!, accepted)).toBe(true);
});
