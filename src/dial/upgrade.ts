/** Owns the second half of a dial: from an open Wire to one whose other side has agreed to RFC 6455. */
import { checkUpgrade, type HandshakeProblem } from "../frame/handshake.js";
import { type HeadLimits, type RequestHead, serialiseRequest } from "../frame/http-head.js";
import {
  headerValue,
  type Phases,
  type Upgrade,
  type UpgradeRequest,
  type UpgradeResponse,
} from "../frame/upgrade.js";
import type { UsualAnswer } from "../frame/usual-answer.js";
import type { Deadline, Timeouts } from "./deadline.js";
import { DialError } from "./dial-error.js";
import { exchange, readBody, requestLine } from "./exchange.js";
import { deadlineOf } from "./open.js";
import { UpgradeRefused } from "./refusal.js";
import type { Wire } from "./wire.js";

/** How to upgrade. */
export interface UpgradeOptions {
  /** `upgrade` and `total` count. */
  readonly timeouts?: Timeouts | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly limits?: HeadLimits | undefined;
}

/** The server answered 101, and broke RFC 6455 in doing so. */
export class UpgradeInvalid extends DialError {
  override readonly name: string = "UpgradeInvalid";
  readonly request: UpgradeRequest;
  readonly response: UpgradeResponse;
  readonly problems: readonly HandshakeProblem[];

  constructor(
    wire: Pick<Wire, "address">,
    request: UpgradeRequest,
    response: UpgradeResponse,
    problems: readonly HandshakeProblem[],
  ) {
    super("WSCTL_EHANDSHAKE", "upgrade", "handshake", "the server's 101 breaks RFC 6455", {
      hint: "the server, or something before it, does not speak WebSocket properly",
      where: [
        requestLine(request, wire),
        ...problems.map(({ message, source }) => `${message} (${source})`),
      ],
    });
    this.request = request;
    this.response = response;
    this.problems = problems;
  }
}

/** Of one shape where it can be: in a run that opens thousands, each copy of parts costs. */
function phasesWith({ dns, tcp, proxy, tls }: Phases, took: number): Phases {
  return proxy === undefined
    ? { dns, tcp, tls, upgrade: took }
    : { dns, tcp, proxy, tls, upgrade: took };
}

/**
 * The same as {@link upgrade}, with a head that is written already, within a wider deadline.
 * @param usual what is usually answered to such requests, which is learned
 */
export async function upgradeWithin(
  wire: Wire,
  request: UpgradeRequest,
  options: UpgradeOptions,
  deadline: Deadline,
  usual?: UsualAnswer,
): Promise<Upgrade> {
  try {
    deadline.restrict(options.timeouts?.upgrade);
    const { response, took, isUsual } = await exchange(
      wire,
      request,
      deadline,
      options.limits,
      usual,
    );
    if (response.status !== 101) {
      const body = await readBody(wire, request, response, deadline);
      throw new UpgradeRefused(wire, request, response, body);
    }
    if (!isUsual) {
      const problems = checkUpgrade(request, response);
      if (problems.length > 0) throw new UpgradeInvalid(wire, request, response, problems);
      usual?.learn(request, response);
    }
    return {
      request,
      response,
      phases: phasesWith(wire.phases, took),
      attempts: wire.attempts,
      tls: wire.tls,
      subprotocol: headerValue(response.headers, "Sec-WebSocket-Protocol"),
      extensions: headerValue(response.headers, "Sec-WebSocket-Extensions"),
    };
  } catch (error) {
    wire.destroy();
    throw error;
  }
}

/**
 * Upgrades an open connection. Bytes that follow the 101 go to the wire's next receiver. On any
 * failure the wire is destroyed.
 *
 * @throws DialError of the phase upgrade: {@link UpgradeRefused} for another status than 101,
 *   {@link UpgradeInvalid} for a 101 that breaks RFC 6455; WsctlError WSCTL_EUSAGE for a head that
 *   cannot be written
 */
export async function upgrade(
  wire: Wire,
  head: RequestHead,
  options: UpgradeOptions = {},
): Promise<Upgrade> {
  const request = serialiseRequest(head);
  const deadline = deadlineOf(options);
  try {
    return await upgradeWithin(wire, request, options, deadline);
  } finally {
    deadline.stop();
  }
}
