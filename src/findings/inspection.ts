/** Owns the Inspection: all that one look at a server came to, as plain data of a stated version. */
import type { Attempt, Header, Phases, TlsFacts } from "../frame/upgrade.js";
import type { Finding } from "./finding.js";
import type { Rule } from "./rule.js";
import type { Verdict } from "./verdict.js";

/** How far the first exchange came. `refused`: another status than 101; `invalid`: a wrong 101. */
export type InspectionOutcome = "open" | "invalid" | "refused" | "failed";

/** One head as it was on the wire, without its secrets. */
export interface InspectedHead {
  /** The request line or the status line. */
  readonly first: string;
  readonly headers: readonly Header[];
  /** Bytes of the head on the wire. */
  readonly size: number;
}

/** Why the first exchange came to nothing. */
export interface InspectedFailure {
  readonly code: string;
  readonly phase: string;
  readonly reason: string;
  readonly message: string;
  readonly hint: string;
  readonly where: readonly string[];
}

/** One certificate of a chain, the server's first. */
export interface InspectedCertificate {
  readonly subject: string;
  readonly issuer: string;
  /** Names and addresses it is for. */
  readonly names: readonly string[];
  /** ISO 8601. */
  readonly from: string;
  readonly to: string;
  /** Whole days until it expires, as the finding says them; when it has, -1 and less. */
  readonly daysLeft: number;
  /** Such as `EC prime256v1` or `RSA 2048`. */
  readonly key: string;
  /** SHA-256 of its DER. */
  readonly fingerprint: string;
  readonly serial: string;
}

/** What TLS came to. */
export interface InspectedTls extends TlsFacts {
  /** The name asked for (SNI); empty when none was. */
  readonly servername: string;
  readonly chain: readonly InspectedCertificate[];
}

/** One cookie that the answer sets, without its value. */
export interface InspectedCookie {
  readonly name: string;
  readonly secure: boolean;
  readonly httpOnly: boolean;
  readonly sameSite: "strict" | "lax" | "none" | undefined;
}

/** What the server, or something before it, probably is. */
export interface ServerHint {
  readonly what: string;
  readonly confidence: "certain" | "firm" | "tentative";
  /** What says so, such as `Server: nginx/1.22.1`. */
  readonly from: string;
}

/** When products are known to end connections, as their makers document it. */
export interface IdleLimit {
  readonly product: string;
  readonly limit: string;
  /** Whether the hints make it likely that it is on the way. */
  readonly likely: boolean;
}

/** What one phase took over several exchanges, in milliseconds. */
export interface PhaseSpread {
  readonly p50: number;
  readonly p95: number;
  readonly min: number;
  readonly max: number;
}

/** Times of one exchange under the names that `curl -w` has for them, in seconds since the start. */
export interface CurlTimes {
  readonly time_namelookup: number;
  readonly time_connect: number;
  readonly time_appconnect: number;
  readonly time_starttransfer: number;
  readonly time_total: number;
}

/** The phases of opening. */
export interface InspectedTiming {
  readonly phases: Phases;
  /** Milliseconds from the end of the upgrade to the first frame, if one came by itself. */
  readonly firstFrame: number | undefined;
  readonly curl: CurlTimes;
  /** Over the `-n` exchanges after the first; missing where none were asked for. */
  readonly runs:
    | {
        readonly count: number;
        readonly failed: number;
        /** By name; empty where all have failed. */
        readonly phases: Readonly<Record<string, PhaseSpread>>;
      }
    | undefined;
}

/** What was asked of the server, and the most that it could have been. */
interface InspectedBudget {
  readonly planned: number;
  readonly handshakes: number;
  /** Bytes sent, heads included. */
  readonly bytes: number;
}

/** One row of the origin matrix. */
export interface OriginRow {
  /** What it tries, such as `other site`. */
  readonly name: string;
  /** The Origin sent; undefined for none. */
  readonly origin: string | undefined;
  readonly answer: "accepted" | "late-reject" | "rejected" | "no answer";
  /** Such as `101`, `403`, or `101, then closed 1008`. */
  readonly said: string;
  readonly verdict: Verdict;
}

/** The origin matrix. */
export interface OriginMatrix {
  /** The Origin taken for the right one. */
  readonly allowed: string;
  /** Whether the exchange without credentials was accepted as well; undefined when none are known. */
  readonly control: OriginRow | undefined;
  readonly rows: readonly OriginRow[];
}

/** One whole inspection. */
export interface Inspection {
  readonly kind: "wsctl.inspection";
  readonly version: 1;
  readonly wsctl: string;
  readonly startedAt: string;
  /** Milliseconds. */
  readonly took: number;
  /** Without secrets. */
  readonly url: string;
  readonly outcome: InspectionOutcome;
  readonly failure: InspectedFailure | undefined;
  readonly request: InspectedHead | undefined;
  readonly response: InspectedHead | undefined;
  /** The start of the body of a refusal, as harmless text. */
  readonly body: string | undefined;
  readonly attempts: readonly Attempt[];
  readonly timing: InspectedTiming | undefined;
  readonly tls: InspectedTls | undefined;
  readonly subprotocol: string | undefined;
  readonly extensions: string | undefined;
  readonly cookies: readonly InspectedCookie[];
  readonly hints: readonly ServerHint[];
  readonly idleLimits: readonly IdleLimit[];
  readonly origins: OriginMatrix | undefined;
  readonly budget: InspectedBudget;
  readonly interrupted: boolean;
  /** Every check that was chosen, in the order of the catalogue, with its worst verdict. */
  readonly checks: readonly { readonly rule: Rule; readonly verdict: Verdict }[];
  /** The worst first. */
  readonly findings: readonly Finding[];
}
