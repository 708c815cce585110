/** Owns `/stall`: the server freezes for a time. */
import { parseDuration } from "../../base/quantity.js";
import { json, known, type Route, text, Unanswerable } from "./route.js";

const longest = 600_000;

/** `POST /stall {"for": "2s"}`; `"0"` ends a stall. */
export const stall: Route = {
  async post({ server, body }) {
    const ms = parseDuration(text(known(body, ["for"]), "for"));
    if (ms > longest) throw new Unanswerable(400, `"for" is at most ${longest / 1000}s`);
    await server.stall(ms);
    return json({ stalled: ms });
  },
};
