/** Owns the list of the checks of how a server looks at the Origin, in the order of the catalogue. */
import type { Check } from "../check.js";
import { foreignOrigin } from "./foreign-origin.js";
import { kindCheck } from "./kind-check.js";

const compare =
  "Compare the whole value with a fixed list, character by character, and refuse everything else with 403 before the 101.";

/** OR-1 to OR-6. They share what they ask: no row is asked twice in an inspection. */
export const originChecks: readonly Check[] = [
  foreignOrigin,
  kindCheck(
    {
      id: "OR-2",
      title: "the Origin null is not let in",
      severity: "medium",
      source: "RFC 6454 §7",
      why: "Browsers send null for sandboxed iframes, data: addresses and local files. Any page can put itself into such a frame, so that allowing null allows everybody.",
      fix: "Take null off the list of allowed Origins; open local test pages through a small HTTP server instead.",
      cwe: 1385,
    },
    { kinds: ["null"], rows: 1, passed: "the Origin null is refused" },
  ),
  kindCheck(
    {
      id: "OR-3",
      title: "what comes without an Origin is known",
      severity: "info",
      source: "RFC 6455 §4.1",
      why: "Browsers always send an Origin with a WebSocket, other programs need not. Letting these in is no hole, as long as they need credentials of their own.",
      fix: "Where only browsers are to connect, refuse what has no Origin. Otherwise see to it that programs need a token.",
    },
    { kinds: ["missing"], rows: 2, passed: "requests without an Origin are refused" },
  ),
  kindCheck(
    {
      id: "OR-4",
      title: "no look-alike of the allowed Origin is let in",
      severity: "high",
      source: "RFC 6455 §10.2",
      why: "A check that searches for the allowed name, or compares beginnings or ends, lets in names that anybody can register, and with them cross-site WebSocket hijacking.",
      fix: `${compare} Where a pattern is needed, anchor it at both ends and escape its dots: ^https://app\\.example\\.com$.`,
      cwe: 1385,
    },
    {
      kinds: ["lookalike"],
      rows: 9,
      passed: "no look-alike of the allowed Origin is let in",
      isLong: true,
    },
  ),
  kindCheck(
    {
      id: "OR-5",
      title: "only the very Origin is let in, not its neighbours",
      severity: "low",
      source: "RFC 6454 §4",
      why: "An Origin is scheme, host and port. Each neighbour that is let in widens what has to be trusted: other ports, subdomains, pages without TLS, development machines.",
      fix: `${compare} Allow subdomains, other ports and localhost only where they are needed, each by its name.`,
      cwe: 1385,
    },
    {
      kinds: ["neighbour", "spelling"],
      rows: 7,
      passed: "no neighbour of the allowed Origin is let in",
    },
  ),
  kindCheck(
    {
      id: "OR-6",
      title: "nothing else in the request makes up for a foreign Origin",
      severity: "low",
      source: "RFC 6454 §7",
      why: "What compares the Origin with other headers of the same request believes the client. Browsers do not let pages set these headers, so that it takes DNS rebinding or a proxy that reads the request differently.",
      fix: `${compare} Refuse requests with more than one Origin, and those whose Host is not yours.`,
      cwe: 346,
    },
    {
      kinds: ["ambiguous"],
      rows: 4,
      passed: "two Origins, a list of them, another Host or X-Forwarded-Host are refused",
    },
  ),
];
