/** Owns the guard that limits how many connections are open at once, whoever they are from. */
import { parseCount } from "../../base/quantity.js";
import type { GuardKind } from "../guard.js";
import { retryAfter, Seats } from "./seats.js";

/** Answers 503 when the server is full. */
export const limitConnections: GuardKind = {
  flags: [
    {
      flag: "--limit-connections <n>",
      summary: "refuse with 503 and Retry-After while n connections are open",
    },
  ],
  create(values) {
    const seats = new Seats(values.read("limit-connections", parseCount) ?? Infinity);
    return {
      admit: (request) =>
        seats.take(request, "")
          ? undefined
          : { status: 503, error: "too many connections", headers: retryAfter },
    };
  },
};
