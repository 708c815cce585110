/**
 * Owns asking: one raw request over a connection of its own, paced and counted. Nothing in between
 * repairs what is wrong, neither in the request nor in the answer.
 */
import { WsctlError } from "../base/errors.js";
import type { Deadline } from "../dial/deadline.js";
import type { DialOptions } from "../dial/dial.js";
import { exchange, readBody } from "../dial/exchange.js";
import { deadlineOf, openWithin } from "../dial/open.js";
import { buildRequest } from "../dial/request.js";
import type { Target } from "../dial/target.js";
import type { Wire } from "../dial/wire.js";
import { checkUpgrade } from "../frame/handshake.js";
import { serialiseRequest } from "../frame/http-head.js";
import { headerValue, type UpgradeRequest, type UpgradeResponse } from "../frame/upgrade.js";
import type { Cost } from "./check.js";
import {
  anonymousRequest,
  anonymousTarget,
  bareRequest,
  bareTarget,
  type SecretHeaders,
} from "./credentials.js";
import { chainOf } from "./facts/chain.js";
import { heardSoFar } from "./heard.js";
import { OpenSocket } from "./open-socket.js";
import type { Pace } from "./pace.js";
import { Places } from "./places.js";
import type { Question } from "./question.js";
import { unanswered } from "./unanswered.js";
import { watched } from "./watched.js";
import { heldCookies } from "./secrets.js";
import type { Answered, Reply } from "./reply.js";

/** What all askers of an inspection share. */
export interface AskerBase {
  readonly target: Target;
  readonly options: DialOptions;
  readonly pace: Pace;
  readonly signal: AbortSignal;
  /** By which certificates are old or young; now unless told. */
  readonly date?: Date | undefined;
  /** Names of headers whose values are secrets, whatever they are called. */
  readonly secretHeaders?: SecretHeaders | undefined;
}

/** Values of cookies that are remembered of what one check asks, and those of one answer more. */
const mostCookies = 200;

/** Asks on one budget. */
export class Asker {
  readonly #base: AskerBase;
  readonly #budget: Required<Cost>;
  #handshakes = 0;
  #bytes = 0;
  #isOverspent = false;
  readonly #cookies = new Set<string>();
  readonly #places: Places;

  constructor(base: AskerBase, { handshakes, connections = 1, bytes = 0 }: Cost) {
    this.#base = base;
    this.#budget = { handshakes, connections, bytes };
    this.#places = new Places(connections);
  }

  /** Whether more was wanted than the budget allows: it was not done. */
  get isOverspent(): boolean {
    return this.#isOverspent;
  }

  /** Whether the server was silent so often that there is no use in waiting long. */
  get isImpatient(): boolean {
    return this.#base.pace.isImpatient;
  }

  /** Values of cookies that the server has set on the way: secrets. */
  get cookies(): ReadonlySet<string> {
    return this.#cookies;
  }

  /**
   * Asks once. What would be sent over a connection that is less safe than the user's own, by TLS
   * that is not verified or by none, goes without credentials, whatever the question says.
   * @throws WsctlError WSCTL_EUSAGE for a request that cannot be written, WSCTL_EABORTED when the
   *   inspection is to end; Error where the budget is spent
   */
  async ask(question: Question = {}): Promise<Reply> {
    const { target, request } = this.#requestOf(question);
    const options = this.#optionsOf(question);
    return this.#inTurn(question.isPaced === true, async () => {
      const deadline = deadlineOf(options);
      try {
        const wire = await openWithin(target, options, deadline);
        const reply = await this.#exchange(wire, request, question, deadline);
        if (question.timeout !== undefined && isSilent(reply)) this.#base.pace.silent();
        return reply;
      } catch (error) {
        return unanswered(error, undefined);
      } finally {
        deadline.stop();
      }
    });
  }

  /**
   * Opens a connection and asks nothing on it: TCP, and TLS for a secure target. Whoever asked for
   * the wire destroys it.
   * @throws DialError when it does not come to stand; as {@link ask} besides
   */
  async open(question: Pick<Question, "target" | "tls" | "timeout"> = {}): Promise<Wire> {
    const options = this.#optionsOf(question);
    return this.#inTurn(false, async () => {
      const deadline = deadlineOf(options);
      try {
        const wire = await openWithin(question.target ?? this.#base.target, options, deadline);
        this.#places.keep(wire);
        return wire;
      } finally {
        deadline.stop();
      }
    });
  }

  /** Waits until what was closed on the way is gone, and cuts what was kept and is still there. */
  async settle(): Promise<void> {
    await this.#places.clear();
  }

  #requestOf(question: Question): { target: Target; request: UpgradeRequest } {
    const { target: base, options } = this.#base;
    const target = question.target ?? base;
    const given = { ...options.request, ...question.request };
    const isElsewhere = target.authority !== base.authority || target.unix !== base.unix;
    const isBare = this.#isLessSafe(question) || (isElsewhere && question.anonymous === true);
    const isAnonymous = isBare || question.anonymous === true;
    const asked = isBare ? bareTarget(target) : isAnonymous ? anonymousTarget(target) : target;
    const mine = isBare
      ? bareRequest(given, isElsewhere, this.#base.secretHeaders)
      : isAnonymous
        ? anonymousRequest(given, this.#base.secretHeaders)
        : given;
    const usual = buildRequest(asked, mine);
    const head = question.vary?.(usual) ?? usual;
    if (!question.bytes) return { target: asked, request: serialiseRequest(head) };
    const { method, target: path, headers } = head;
    const bytes = question.bytes(head);
    return { target: asked, request: { method, target: path, headers, bytes } };
  }

  #isLessSafe({ target, tls }: Question): boolean {
    const { target: base, options } = this.#base;
    if (!base.secure) return false;
    if (target?.secure === false) return true;
    return tls?.insecure === true && options.tls?.insecure !== true;
  }

  #optionsOf({ tls, timeout }: Pick<Question, "tls" | "timeout">): DialOptions {
    const { options, signal } = this.#base;
    return {
      ...options,
      signal,
      ...(tls ? { tls } : {}),
      ...(timeout === undefined ? {} : { timeouts: shortened(options.timeouts, timeout) }),
    };
  }

  /** Does it when its turn has come, and counts it. */
  async #inTurn<Result>(isPaced: boolean, act: () => Promise<Result>): Promise<Result> {
    const { pace, signal } = this.#base;
    if (this.#handshakes >= this.#budget.handshakes) {
      this.#refuse(`${this.#budget.handshakes} handshakes`);
    }
    this.#handshakes++;
    if (!(await this.#places.take())) {
      const { connections } = this.#budget;
      this.#refuse(`${connections} ${connections === 1 ? "connection" : "connections"} at once`);
    }
    try {
      await pace.turn(signal, isPaced);
      if (signal.aborted) throw new WsctlError("WSCTL_EABORTED", "the inspection was ended");
      return await act();
    } finally {
      this.#places.free();
    }
  }

  #refuse(what: string): never {
    this.#isOverspent = true;
    throw new Error(`the budget of ${what} is spent`);
  }

  async #exchange(
    wire: Wire,
    request: UpgradeRequest,
    question: Question,
    deadline: Deadline,
  ): Promise<Reply> {
    const { pace, options, date } = this.#base;
    // The socket forgets them when the server hangs up.
    const chain = wire.tls ? chainOf(wire.socket, date) : [];
    try {
      pace.sent(request.bytes.length);
      deadline.restrict(options.timeouts?.upgrade);
      const { response, took } = await exchange(wire, request, deadline, options.limits);
      if (this.#cookies.size < mostCookies) {
        for (const value of heldCookies(response.headers)) this.#cookies.add(value);
      }
      const common = {
        kind: "answered" as const,
        request,
        response,
        phases: { ...wire.phases, upgrade: took },
        attempts: wire.attempts,
        tls: wire.tls,
        chain,
      };
      if (response.status !== 101) {
        const begun = performance.now();
        const body = await readBody(wire, request, response, deadline, pace.bodyPatience);
        pace.read(Math.ceil(performance.now() - begun));
        wire.destroy();
        return { ...common, body, problems: [], heard: undefined, socket: undefined };
      }
      const problems = checkUpgrade(request, response);
      const answer = { ...common, body: Buffer.alloc(0), problems };
      return await this.#listen(new OpenSocket(wire, isDeflating(response)), answer, question);
    } catch (error) {
      wire.destroy();
      return unanswered(error, request, wire, chain);
    }
  }

  async #listen(
    socket: OpenSocket,
    answer: Omit<Answered, "heard" | "socket">,
    { watch = 0, ping = false, keep = false }: Question,
  ): Promise<Answered> {
    const { pace, signal } = this.#base;
    socket.onSend = (bytes) => this.#count(bytes);
    socket.patience = pace.patience;
    socket.onReply = (bytes) => pace.sent(bytes);
    if (watch > 0) {
      const isPinged = ping && answer.problems.length === 0;
      await watched(socket, { isPinged, ms: watch, late: answer.phases.upgrade }, signal);
    }
    if (keep) {
      this.#places.keep(socket.wire);
      return { ...answer, heard: socket.heard, socket };
    }
    const heard = watch > 0 ? heardSoFar(socket.heard) : undefined;
    // Nobody says goodbye to what never was a WebSocket, nor when all is to end.
    if (answer.problems.length > 0 || signal.aborted) socket.destroy();
    else void this.#leave(socket);
    return { ...answer, heard, socket: undefined };
  }

  /** What comes next waits until it is gone, or there is room beside it. */
  async #leave(socket: OpenSocket): Promise<void> {
    const { pace } = this.#base;
    this.#places.stay();
    pace.left(await socket.close());
    this.#places.free();
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#budget.bytes) this.#refuse(`${this.#budget.bytes} bytes`);
    this.#base.pace.sent(bytes);
  }
}

/** The user's timeouts, where a probe has no more than that. */
function shortened(timeouts: DialOptions["timeouts"], total: number): DialOptions["timeouts"] {
  return { ...timeouts, total: Math.min(total, timeouts?.total ?? Infinity) };
}

function isSilent(reply: Reply): boolean {
  return reply.kind === "unanswered" && reply.error.reason === "timeout";
}

/** Whether the answer turns permessage-deflate on, so that frames may be marked as compressed. */
function isDeflating({ headers }: UpgradeResponse): boolean {
  return /\bpermessage-deflate\b/i.test(headerValue(headers, "Sec-WebSocket-Extensions") ?? "");
}
