/**
 * Owns the guard that limits how many connections one address holds. The address is the socket's:
 * X-Forwarded-For is whatever the client likes it to be.
 */
import { parseCount } from "../../base/quantity.js";
import type { GuardKind } from "../guard.js";
import { retryAfter, Seats } from "./seats.js";

/** Answers 429 to whoever has enough connections already. */
export const limitPerIp: GuardKind = {
  flags: [
    {
      flag: "--limit-per-ip <n>",
      summary: "refuse with 429 and Retry-After while an address holds n connections",
    },
  ],
  create(values) {
    const seats = new Seats(values.read("limit-per-ip", parseCount) ?? Infinity);
    return {
      admit(request) {
        // A listener for both families tells IPv4 addresses as mapped ones.
        const address = (request.socket.remoteAddress ?? "").replace(/^::ffff:/, "");
        if (seats.take(request, address)) return undefined;
        return { status: 429, error: "too many connections from you", headers: retryAfter };
      },
    };
  },
};
