/**
 * Owns asking: one raw request over a connection of its own, paced and counted. Nothing in between
 * repairs what is wrong, neither in the request nor in the answer.
 */
import { WsctlError } from "../base/errors.js";
import type { Deadline } from "../dial/deadline.js";
import type { DialOptions } from "../dial/dial.js";
import { DialError } from "../dial/dial-error.js";
import { exchange, readBody } from "../dial/exchange.js";
import { deadlineOf, openWithin } from "../dial/open.js";
import { buildRequest, type RequestOptions } from "../dial/request.js";
import type { Target } from "../dial/target.js";
import type { TlsOptions } from "../dial/tls.js";
import type { Wire } from "../dial/wire.js";
import { checkUpgrade } from "../frame/handshake.js";
import { type RequestHead, serialiseRequest } from "../frame/http-head.js";
import type { UpgradeRequest } from "../frame/upgrade.js";
import type { Cost } from "./check.js";
import { anonymousRequest, anonymousTarget } from "./credentials.js";
import { OpenSocket } from "./open-socket.js";
import type { Pace } from "./pace.js";
import type { Answered, Reply, Unanswered } from "./reply.js";

/** One request, by how it differs from the user's. */
export interface Question {
  /** In place of the inspected target. */
  readonly target?: Target;
  /** In place of what the user's request says. */
  readonly request?: RequestOptions;
  /** Changes the head that was made of all that. */
  readonly vary?: (head: RequestHead) => RequestHead;
  /** The bytes of the head as they are, for what no head may hold. */
  readonly bytes?: (head: RequestHead) => Buffer;
  /** Without credentials: no cookie, no Authorization, no secret parameter. */
  readonly anonymous?: boolean;
  readonly tls?: TlsOptions;
  /** Milliseconds for all of it; the user's own unless told. */
  readonly timeout?: number;
  /** Milliseconds for which a valid 101 is watched before it is closed; 0 unless told. */
  readonly watch?: number;
  /** Hands out the open WebSocket, to be closed by whoever asked. */
  readonly keep?: boolean;
}

/** What all askers of an inspection share. */
export interface AskerBase {
  readonly target: Target;
  readonly options: DialOptions;
  readonly pace: Pace;
  readonly signal: AbortSignal;
}

/** Asks on one budget. */
export class Asker {
  readonly #base: AskerBase;
  readonly #budget: Required<Cost>;
  #handshakes = 0;
  #bytes = 0;
  #kept = 0;
  readonly #farewells: Promise<void>[] = [];

  constructor(base: AskerBase, { handshakes, connections = 1, bytes = 0 }: Cost) {
    this.#base = base;
    this.#budget = { handshakes, connections, bytes };
  }

  /**
   * Asks once.
   * @throws WsctlError WSCTL_EUSAGE for a request that cannot be written, WSCTL_EABORTED when the
   *   inspection is to end; Error where the budget is spent
   */
  async ask(question: Question = {}): Promise<Reply> {
    const { target, request } = this.#requestOf(question);
    const options = this.#optionsOf(question);
    await this.#turn();
    const deadline = deadlineOf(options);
    try {
      const wire = await openWithin(target, options, deadline);
      return await this.#exchange(wire, request, question, deadline);
    } catch (error) {
      return unanswered(error, undefined);
    } finally {
      deadline.stop();
    }
  }

  /**
   * Opens a connection and asks nothing on it: TCP, and TLS for a secure target. Whoever asked for
   * the wire destroys it.
   * @throws DialError when it does not come to stand
   */
  async open(question: Pick<Question, "target" | "tls" | "timeout"> = {}): Promise<Wire> {
    const options = this.#optionsOf(question);
    await this.#turn();
    const deadline = deadlineOf(options);
    try {
      return await openWithin(question.target ?? this.#base.target, options, deadline);
    } finally {
      deadline.stop();
    }
  }

  /** Waits until what was closed on the way is gone. */
  async settle(): Promise<void> {
    await Promise.all(this.#farewells);
  }

  #requestOf(question: Question): { target: Target; request: UpgradeRequest } {
    const { target: base, options } = this.#base;
    const { anonymous = false } = question;
    const given = { ...options.request, ...question.request };
    const target = question.target ?? base;
    const asked = anonymous ? anonymousTarget(target) : target;
    const usual = buildRequest(asked, anonymous ? anonymousRequest(given) : given);
    const head = question.vary?.(usual) ?? usual;
    if (!question.bytes) return { target: asked, request: serialiseRequest(head) };
    const { method, target: path, headers } = head;
    const bytes = question.bytes(head);
    return { target: asked, request: { method, target: path, headers, bytes } };
  }

  #optionsOf({ tls, timeout }: Pick<Question, "tls" | "timeout">): DialOptions {
    const { options, signal } = this.#base;
    return {
      ...options,
      signal,
      ...(tls ? { tls } : {}),
      ...(timeout === undefined ? {} : { timeouts: { ...options.timeouts, total: timeout } }),
    };
  }

  /** Waits for its turn, and counts it. */
  async #turn(): Promise<void> {
    const { pace, signal } = this.#base;
    if (this.#handshakes >= this.#budget.handshakes) {
      throw new Error(`the budget of ${this.#budget.handshakes} handshakes is spent`);
    }
    this.#handshakes++;
    await pace.turn(signal);
    if (signal.aborted) throw new WsctlError("WSCTL_EABORTED", "the inspection was ended");
  }

  async #exchange(
    wire: Wire,
    request: UpgradeRequest,
    question: Question,
    deadline: Deadline,
  ): Promise<Reply> {
    const { pace } = this.#base;
    try {
      pace.sent(request.bytes.length);
      deadline.restrict(undefined);
      const { response, took } = await exchange(wire, request, deadline);
      const common = {
        kind: "answered" as const,
        request,
        response,
        phases: { ...wire.phases, upgrade: took },
        attempts: wire.attempts,
        tls: wire.tls,
      };
      if (response.status !== 101) {
        const body = await readBody(wire, request, response, deadline);
        wire.destroy();
        return { ...common, body, problems: [], heard: undefined, socket: undefined };
      }
      const problems = checkUpgrade(request, response);
      const answer = { ...common, body: Buffer.alloc(0), problems };
      return await this.#listen(new OpenSocket(wire), answer, question);
    } catch (error) {
      wire.destroy();
      return unanswered(error, request, wire);
    }
  }

  async #listen(
    socket: OpenSocket,
    answer: Omit<Answered, "heard" | "socket">,
    { watch = 0, keep = false }: Question,
  ): Promise<Answered> {
    socket.onSend = (bytes) => this.#count(bytes);
    if (watch > 0) await socket.until(() => false, watch, this.#base.signal);
    const heard = watch > 0 || keep ? socket.heard : undefined;
    if (keep) {
      this.#kept++;
      if (this.#kept > this.#budget.connections) {
        socket.destroy();
        throw new Error(`the budget of ${this.#budget.connections} connections is spent`);
      }
      void socket.wire.socket.once("close", () => this.#kept--);
      return { ...answer, heard, socket };
    }
    this.#farewells.push(socket.close());
    return { ...answer, heard, socket: undefined };
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#budget.bytes) {
      throw new Error(`the budget of ${this.#budget.bytes} bytes is spent`);
    }
    this.#base.pace.sent(bytes);
  }
}

function unanswered(error: unknown, request: UpgradeRequest | undefined, wire?: Wire): Unanswered {
  if (!(error instanceof DialError) || error.reason === "aborted") throw error;
  return { kind: "unanswered", request, error, attempts: wire?.attempts ?? [] };
}
