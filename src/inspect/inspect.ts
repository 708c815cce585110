/** Owns one whole inspection: the first exchange, what is plain from it, the timed ones, the checks. */
import { isIP } from "node:net";
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import { detoured } from "../dial/detour.js";
import { DialError } from "../dial/dial-error.js";
import { isLoopback } from "../dial/loopback.js";
import { parseTarget, type Target } from "../dial/target.js";
import type { TlsOptions } from "../dial/tls.js";
import type { Accepted } from "../findings/baseline.js";
import type { InspectedTls, Inspection, OriginMatrix, OriginRow } from "../findings/inspection.js";
import type { Rule } from "../findings/rule.js";
import { type RequestHead, serialiseRequest } from "../frame/http-head.js";
import { headerValue, type TlsFacts } from "../frame/upgrade.js";
import { Asker, type AskerBase } from "./asker.js";
import { chainOf, shownCertificate } from "./facts/chain.js";
import { cookiesOf } from "./facts/cookies.js";
import { failureOf, outcomeOf, refusalBody } from "./facts/failure.js";
import { requestHead, responseHead } from "./facts/heads.js";
import { idleLimitsOf } from "./facts/idle-limits.js";
import { hintsOf } from "./facts/server-hints.js";
import { timingOf } from "./facts/timing.js";
import { originMatrixOf } from "./origins/matrix.js";
import { Pace, politeSpacing } from "./pace.js";
import { type InspectionPlan, planOf, type PlanOptions } from "./plan.js";
import type { Question } from "./question.js";
import { isSwitch, type Reply } from "./reply.js";
import { shownPath, shownValue } from "./repro.js";
import { runChecks } from "./runner.js";
import { heldCookies, type Secrets, secretsOf } from "./secrets.js";
import type { Given } from "./subject.js";
import { warmUp } from "./warm-up.js";

/** How to inspect. */
export interface InspectOptions extends PlanOptions {
  /** What is known of the server. */
  readonly given: Given;
  /** Findings that are known and accepted. */
  readonly accepted: Accepted;
  /** The version of wsctl, which the inspection states. */
  readonly wsctl: string;
  /** When it begins, and by which certificates are old or young. */
  readonly date: Date;
  /** Milliseconds between two connections; unless told 100, and none for this machine. */
  readonly spacing?: number | undefined;
  /** Ends it; what is known by then is told. */
  readonly signal?: AbortSignal | undefined;
  /** Told before each check. */
  readonly onProgress?: ((done: number, of: number, rule: Rule) => void) | undefined;
}

/** What the exchanges before the checks came to. */
interface Groundwork {
  readonly baseline: Reply;
  /** The exchanges after it that were timed. */
  readonly runs: readonly Reply[];
  readonly tls: InspectedTls | undefined;
}

function refuse(what: string, hint: string): never {
  throw new WsctlError("WSCTL_EUSAGE", what, { hint });
}

function requireUsable({ runs, spacing = 0, given }: InspectOptions): void {
  if (!Number.isSafeInteger(runs) || runs < 0) {
    refuse(`${runs} exchanges cannot be timed`, "give a whole number from 0");
  }
  if (!(spacing >= 0)) refuse(`a spacing of ${spacing} ms is none`, "give milliseconds from 0");
  const { otherPath, logoutUrl } = given;
  if (otherPath !== undefined && !/^\/[\x21-\x7e]*$/.test(otherPath)) {
    refuse(
      `"${safeLine(otherPath)}" is not a path`,
      "write it like /health, percent-encoded where it has to be",
    );
  }
  // A method may stand before it.
  if (logoutUrl !== undefined) parseTarget(logoutUrl.replace(/^[A-Z]+\s+/, ""));
}

/** None for what is on this machine by its very address. */
function spacingFor(target: Target, { dial, spacing }: InspectOptions): number {
  if (spacing !== undefined) return spacing;
  const { host } = detoured(target, dial.detours);
  const isFile = target.unix !== undefined || dial.unix !== undefined;
  return isFile || (!dial.proxy && isLoopback(host)) ? 0 : politeSpacing;
}

/** What stands for an exchange that was ended before an answer came: how far it had got by then. */
function endedExchange(cause: WsctlError, head: RequestHead | undefined): Reply {
  const error =
    cause instanceof DialError
      ? cause
      : new DialError("WSCTL_EABORTED", "dns", "aborted", "the inspection was ended at once");
  const { attempts } = error;
  // What was sent is as good to know as after a timeout.
  const request = head && error.phase === "upgrade" ? serialiseRequest(head) : undefined;
  return { kind: "unanswered", request, error, attempts, tls: undefined, chain: [] };
}

/** Asks as the user would; when the inspection is to end, what had come of it by then. */
async function askOr(asker: Asker, question: Question = {}): Promise<Reply> {
  let head: RequestHead | undefined;
  const vary = (usual: RequestHead): RequestHead => (head = usual);
  try {
    return await asker.ask({ ...question, vary });
  } catch (error) {
    const isEnded = error instanceof WsctlError && error.code === "WSCTL_EABORTED";
    if (isEnded) return endedExchange(error, head);
    throw error;
  }
}

function inspectedTls(
  facts: TlsFacts,
  chain: InspectedTls["chain"],
  { host }: Target,
  { servername = host }: TlsOptions = {},
): InspectedTls {
  return { ...facts, servername: isIP(servername) === 0 ? servername : "", chain };
}

/** TLS alone, with whatever certificate, and nothing sent, the client's certificate neither. */
async function bareTls(asker: Asker, base: AskerBase): Promise<InspectedTls | undefined> {
  const { target, options, date } = base;
  const { cert: _cert, key: _key, passphrase: _passphrase, ...tls } = options.tls ?? {};
  try {
    const wire = await asker.open({ tls: { ...tls, insecure: true } });
    const found = wire.tls && inspectedTls(wire.tls, chainOf(wire.socket, date), target, tls);
    wire.destroy();
    return found;
  } catch (error) {
    // Then it was not the certificate alone.
    if (error instanceof DialError || base.signal.aborted) return undefined;
    throw error;
  }
}

async function groundworkOf(
  base: AskerBase,
  { checks, watch, cost }: InspectionPlan,
  runs: number,
): Promise<Groundwork> {
  const { target, options, signal } = base;
  const asker = new Asker(base, { handshakes: cost.handshakes + 1 });
  try {
    const baseline = await askOr(asker, { watch, ping: checks.some(({ watches }) => watches) });
    if (baseline.kind === "unanswered") {
      const isUnverified =
        target.secure &&
        !signal.aborted &&
        baseline.error.phase === "tls" &&
        options.tls?.insecure !== true;
      const known = baseline.tls && inspectedTls(baseline.tls, baseline.chain, target, options.tls);
      return { baseline, runs: [], tls: isUnverified ? await bareTls(asker, base) : known };
    }
    const timed: Reply[] = [];
    while (timed.length < runs && !signal.aborted) {
      const reply = await askOr(asker);
      if (reply.kind === "answered" || reply.error.reason !== "aborted") timed.push(reply);
    }
    const tls = baseline.tls && inspectedTls(baseline.tls, baseline.chain, target, options.tls);
    return { baseline, runs: timed, tls };
  } finally {
    await asker.settle();
  }
}

/** The matrix; what it says of its own accord is left as it is. */
function matrixOf(baseline: Reply, secrets: Secrets): OriginMatrix | undefined {
  const matrix = originMatrixOf({ baseline });
  if (!matrix) return undefined;
  const shown = (row: OriginRow): OriginRow => ({
    ...row,
    origin: row.origin === undefined ? undefined : secrets.redactSentence(row.origin),
    said: secrets.redactSentence(row.said),
  });
  return {
    allowed: secrets.redactSentence(matrix.allowed),
    control: matrix.control && shown(matrix.control),
    rows: matrix.rows.map(shown),
  };
}

/** What is plain from the exchanges before the checks. */
function factsOf({ baseline, runs, tls }: Groundwork, { target }: AskerBase, secrets: Secrets) {
  const { request, attempts } = baseline;
  const answer = baseline.kind === "answered" ? baseline : undefined;
  const headers = answer?.response.headers ?? [];
  const ended = answer?.heard?.ended;
  const hints = hintsOf({
    headers,
    body: answer?.body.toString("latin1"),
    closeReason: ended?.kind === "close" ? ended.status.reason : undefined,
  });
  const clean = (text: string, longest: number) => safeLine(secrets.redact(text), longest);
  const agreed = (name: string): string | undefined => {
    const value = isSwitch(baseline) ? headerValue(headers, name) : undefined;
    return value === undefined ? undefined : clean(shownValue(name, value), 500);
  };
  return {
    url: clean(shownPath(target.url), 2000),
    outcome: outcomeOf(baseline),
    failure: failureOf(baseline, target, secrets),
    request: request && requestHead(request, secrets),
    response: answer && responseHead(answer.response, secrets),
    body: refusalBody(baseline, secrets),
    attempts,
    timing: answer && timingOf(answer, runs),
    tls: tls && { ...tls, chain: tls.chain.map((each) => shownCertificate(each, secrets)) },
    subprotocol: agreed("Sec-WebSocket-Protocol"),
    extensions: agreed("Sec-WebSocket-Extensions"),
    cookies: cookiesOf(headers, secrets),
    hints: hints.map((hint) => ({ ...hint, from: secrets.redact(hint.from) })),
    idleLimits: idleLimitsOf(hints),
  };
}

/**
 * Looks at a server: the first exchange as the user asked for it, what is plain from it, the timed
 * exchanges, then the checks, one after the other. Whatever the server does is told, never thrown;
 * when the signal fires, what is known by then.
 *
 * @throws WsctlError WSCTL_EUSAGE for options that cannot be used, mostly before anything is sent
 */
export async function inspect(target: Target, options: InspectOptions): Promise<Inspection> {
  requireUsable(options);
  const began = performance.now();
  const { dial, given, accepted, date, onProgress } = options;
  const signal = options.signal ?? dial.signal ?? new AbortController().signal;
  const plan = planOf(target, options);
  const pace = new Pace(spacingFor(target, options));
  // A buffer that connections share would be read over.
  const base: AskerBase = {
    target,
    options: { ...dial, sink: undefined },
    pace,
    signal,
    date,
    secretHeaders: given.secretHeaders,
  };
  await warmUp(target.secure);
  const groundwork = await groundworkOf(base, plan, options.runs);
  const { baseline } = groundwork;
  const secrets = secretsOf(target, dial, given).withCookies(
    baseline.kind === "answered" ? heldCookies(baseline.response.headers) : [],
  );
  const { checks, findings } = await runChecks(plan.checks, {
    base,
    subject: { target, options: base.options, given, date, baseline, signal },
    accepted,
    onCheck: ({ rule }, index) => onProgress?.(index, plan.checks.length, rule),
  });
  const facts = { ...factsOf(groundwork, base, secrets), origins: matrixOf(baseline, secrets) };
  return {
    kind: "wsctl.inspection",
    version: 1,
    wsctl: options.wsctl,
    startedAt: date.toISOString(),
    took: Math.round((performance.now() - began) * 1000) / 1000,
    ...facts,
    budget: { planned: plan.cost.handshakes, handshakes: pace.handshakes, bytes: pace.bytes },
    interrupted: signal.aborted,
    checks,
    findings,
  };
}
