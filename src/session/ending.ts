/** Owns why a connection ended: what `ws` and the socket say of it, in the words of wsctl. */
import { WsctlError, type ErrorCode } from "../base/errors.js";
import { formatSize } from "../base/quantity.js";
import { safeLine } from "../base/safe-text.js";
import { codeOf } from "../dial/dial-error.js";
import { ProtocolViolation } from "../frame/violation.js";
import type { SessionEnd } from "./session-events.js";

const abnormal: ErrorCode = "WSCTL_ELOST";
const noCloseFrame = "RFC 6455 §7.1.5: without a close frame the code is 1006";

/** Of a session that has had no connection. */
export const neverOpened: SessionEnd = {
  code: 1006,
  reason: "",
  by: undefined,
  clean: false,
  error: undefined,
};

/** A message whose fate is unknown, or that never went. */
export function unsent(message: string, cause?: Error): WsctlError {
  return new WsctlError(abnormal, message, { cause });
}

/** What `ws` found wrong in what came. */
export function receiveError(error: Error, maxPayload: number): Error {
  const code = codeOf(error);
  if (!code.startsWith("WS_ERR_")) {
    // zlib, on what is no compressed data.
    if (code.startsWith("Z_")) {
      const message = `a compressed message cannot be inflated: ${safeLine(error.message)}`;
      return new ProtocolViolation(1007, "RFC 7692 §7.2.2", message);
    }
    return error;
  }
  switch (code) {
    case "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH":
      return new ProtocolViolation(
        1009,
        "RFC 6455 §10.4",
        `a message is larger than the limit, ${formatSize(maxPayload)}`,
        "if such messages are to be expected, raise --max-payload",
      );
    case "WS_ERR_INVALID_UTF8":
      return new ProtocolViolation(1007, "RFC 6455 §8.1", "a text message is not valid UTF-8");
    default: {
      const message = error.message.replace(/^Invalid WebSocket frame: /, "");
      return new ProtocolViolation(1002, "RFC 6455 §5", `an invalid frame came: ${message}`);
    }
  }
}

/** What is known of a connection that ended without the other side's close frame. */
export interface Cut {
  /** The error of the socket, if one ended it. */
  readonly broken: Error | undefined;
  /** Whether we had sent a close frame. */
  readonly closing: boolean;
  /** Whether a frame had come in part. */
  readonly midFrame: boolean;
}

/** Why there is no close code but 1006. */
export function cutError({ broken, closing, midFrame }: Cut): WsctlError {
  const where = [noCloseFrame];
  if (midFrame) where.unshift("it ended in the middle of a frame");
  if (broken) {
    const code = safeLine(codeOf(broken));
    return new WsctlError(abnormal, `the connection broke (${code}), without a close frame`, {
      cause: broken,
      where,
      hint: "the server, or something on the way to it, cut the connection: see its log",
    });
  }
  if (closing) {
    return new WsctlError(abnormal, "the server hung up instead of answering the close frame", {
      where,
    });
  }
  return new WsctlError(abnormal, "the server closed the TCP connection without a close frame", {
    where,
    hint: "a server that crashed or was stopped does this, and so does a proxy whose idle time is over",
  });
}

/** A close frame of ours that went unanswered. */
export function closeTimeout(patience: string): WsctlError {
  const message = `the server did not answer the close frame within ${patience}`;
  return new WsctlError(abnormal, message, { where: [noCloseFrame] });
}

/** A ping of ours that went unanswered. */
export function pongTimeout(interval: string): WsctlError {
  const message = `the server did not answer a ping within ${interval}`;
  return new WsctlError(abnormal, message, {
    where: [noCloseFrame],
    hint: "the connection may be dead though nobody closed it, as behind a firewall that forgot it",
  });
}

/** Messages before a close that the server would not take. */
export function drainTimeout(): WsctlError {
  const message = "the server takes nothing: the messages before the close could not be sent";
  return new WsctlError(abnormal, message, { where: [noCloseFrame] });
}
