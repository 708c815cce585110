/** Owns `/log`: arrivals, applied delays and departures of messages, as JSON lines. */
import { type Route, wholeNumber } from "./route.js";

const usual = 1000;
const most = 10_000;

/** `GET /log?run=ID&since=N&limit=N`: entries after number N, the oldest first. */
export const log: Route = {
  async get({ server, query }) {
    const entries = await server.log({
      run: query.get("run") ?? undefined,
      since: wholeNumber(query, "since", { missing: 0, most: Number.MAX_SAFE_INTEGER }),
      limit: wholeNumber(query, "limit", { missing: usual, most }),
    });
    const text = entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
    return { status: 200, text, type: "application/x-ndjson" };
  },
};
