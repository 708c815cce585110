/** Owns the tunnel of a SOCKS5 proxy (RFC 1928, RFC 1929) on an open connection to it. */
import { Duplex } from "node:stream";
import { SocksClient } from "socks";
import { messageOf } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import { longestTimer } from "../base/timer.js";
import type { Deadline } from "./deadline.js";
import { DialError } from "./dial-error.js";
import type { Proxy } from "./proxy.js";
import { tunnelRefused } from "./proxy-error.js";
import { type Endpoint, hostPort } from "./target.js";
import type { Wire } from "./wire.js";

const hints: readonly (readonly [RegExp, string])[] = [
  [
    /authentication (?:failed|type)|no accepted auth/i,
    "the proxy wants other credentials: --proxy socks5h://USER:PASSWORD@host:port",
  ],
  [/NotAllowed/, "the proxy's rules do not allow this host or port"],
  [
    /HostUnreachable|NetworkUnreachable|ConnectionRefused|Failure|TTLExpired/,
    "the proxy could not reach the server; with socks5h:// the proxy looks the name up, with socks5:// this machine",
  ],
  [/AddressNotSupported/, "the proxy cannot go to that kind of address: try -4, or socks5h://"],
  [/version/, "is this a SOCKS5 proxy? one of HTTP wants http://"],
];

/**
 * Lends a wire to the client for the time of its exchange. The client hands what it has read too
 * much back on whatever stream it was given, and lets that flow: not on the wire's own socket, where
 * nobody may be listening yet.
 */
class Loan extends Duplex {
  readonly #wire: Wire;

  constructor(wire: Wire) {
    super();
    this.#wire = wire;
    wire.onClose = (error) => this.destroy(error);
    wire.receive((bytes, start, end) => {
      this.push(Buffer.from(bytes.subarray(start, end)));
    });
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#wire.socket.write(chunk, done);
  }

  /** Ends the loan. */
  async giveBack(): Promise<void> {
    this.#wire.receive(undefined);
    this.#wire.onClose = undefined;
    const rest: Buffer[] = [];
    this.on("data", (chunk: Buffer) => void rest.push(chunk));
    // The client gives back what it holds in an immediate of its own, which comes before this one.
    await new Promise((resolve) => setImmediate(resolve));
    const bytes = Buffer.concat(rest);
    this.#wire.unread(bytes, 0, bytes.length);
  }
}

async function request(
  loan: Loan,
  to: Endpoint,
  { target, user, password }: Proxy,
  deadline: Deadline,
): Promise<void> {
  await SocksClient.createConnection({
    command: "connect",
    destination: { host: to.host, port: to.port },
    proxy: {
      type: 5,
      host: target.host,
      port: target.port,
      ...(user === undefined ? {} : { userId: user }),
      ...(password === undefined ? {} : { password }),
    },
    existing_socket: loan,
    // The client's own limit, of which there is no need.
    timeout: Math.min(longestTimer, Math.max(1, Math.ceil(deadline.left) + 1000)),
  });
}

/**
 * Asks for a tunnel; the bytes that follow belong to whoever is at its other end.
 * @throws DialError
 */
export async function socksConnect(
  wire: Wire,
  to: Endpoint,
  proxy: Proxy,
  deadline: Deadline,
): Promise<void> {
  const authority = hostPort(to.host, to.port);
  const doing = `waiting for the proxy ${proxy.shown} to open a tunnel to ${authority}`;
  if (deadline.aborted) throw deadline.error("aborted", "proxy", doing, { hint: "" });
  const loan = new Loan(wire);
  // Every end of the loan is told by the client, which listens only until then.
  loan.on("error", () => {});
  const ended = new Promise<never>((_, reject) => {
    deadline.onEnd = (ending) => {
      reject(
        deadline.error(ending, "proxy", doing, {
          hint: "the proxy, or what it connects to, does not answer; is this a SOCKS5 proxy?",
        }),
      );
      loan.destroy();
    };
  });
  try {
    await Promise.race([ended, request(loan, to, proxy, deadline)]);
  } catch (error) {
    if (error instanceof DialError) throw error;
    // The client's error carries the password: nothing but its words goes on.
    const why = safeLine(messageOf(error));
    const hint = hints.find(([pattern]) => pattern.test(why))?.[1];
    throw tunnelRefused(proxy, authority, why, hint, [`connected to ${wire.address}`]);
  } finally {
    deadline.onEnd = undefined;
  }
  await loan.giveBack();
}
