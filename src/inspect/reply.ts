/** Owns the Reply: what came of one raw request. */
import type { DialError } from "../dial/dial-error.js";
import type { InspectedCertificate } from "../findings/inspection.js";
import type { HandshakeProblem } from "../frame/handshake.js";
import type {
  Attempt,
  Phases,
  TlsFacts,
  UpgradeRequest,
  UpgradeResponse,
} from "../frame/upgrade.js";
import type { Heard } from "./heard.js";
import type { OpenSocket } from "./open-socket.js";
import { theirs } from "./their-words.js";

/** A head came back. */
export interface Answered {
  readonly kind: "answered";
  readonly request: UpgradeRequest;
  readonly response: UpgradeResponse;
  /** Of another status than 101; at most 64 KiB. */
  readonly body: Buffer;
  readonly phases: Phases;
  readonly attempts: readonly Attempt[];
  readonly tls: TlsFacts | undefined;
  /** The certificates that the server sent, its own first; empty without TLS. */
  readonly chain: readonly InspectedCertificate[];
  /** What of a 101 breaks RFC 6455; with none of it, the WebSocket is open. */
  readonly problems: readonly HandshakeProblem[];
  /** What a 101 was followed by, for as long as it was watched. */
  readonly heard: Heard | undefined;
  /** The open WebSocket, where it was to be kept; whoever asked for it closes it. */
  readonly socket: OpenSocket | undefined;
}

/** Nothing came back that could be read. */
export interface Unanswered {
  readonly kind: "unanswered";
  /** Undefined when the connection did not come to stand. */
  readonly request: UpgradeRequest | undefined;
  readonly error: DialError;
  readonly attempts: readonly Attempt[];
  /** What TLS came to, where it stood before that. */
  readonly tls: TlsFacts | undefined;
  /** As {@link Answered} has it. */
  readonly chain: readonly InspectedCertificate[];
}

export type Reply = Answered | Unanswered;

/** An answer of 101, right or not. */
interface Switched extends Answered {
  readonly response: UpgradeResponse & { readonly status: 101 };
}

/** A valid 101. */
interface Opened extends Switched {
  readonly problems: readonly never[];
}

/** Whether the server switched protocols, rightly or not. */
export function isSwitch(reply: Reply): reply is Switched {
  return reply.kind === "answered" && reply.response.status === 101;
}

/** Whether it is a valid 101. */
export function isOpen(reply: Reply): reply is Opened {
  return isSwitch(reply) && reply.problems.length === 0;
}

/**
 * What came back in a few words: `101`, `403 Forbidden`, `closed without an answer`. For sentences:
 * what is the server's own has its bounds.
 * @param limit characters of its own words
 */
export function saidOf(reply: Reply, limit?: number): string {
  if (reply.kind === "answered") {
    const { status, reason } = reply.response;
    return `${status} ${theirs(reason, limit)}`.trim();
  }
  const { reason, message } = reply.error;
  switch (reason as string) {
    case "timeout":
      return "no answer in time";
    case "closed":
      return "closed without an answer";
    case "reset":
      return "reset without an answer";
    default:
      // It may quote what came.
      return theirs(message, limit);
  }
}
