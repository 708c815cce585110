/** Owns `/stats`: the server's own counters, in all or of one run. */
import { json, type Route, Unanswerable } from "./route.js";

/** `GET /stats`, `GET /stats?run=ID`. */
export const stats: Route = {
  async get({ server, query }) {
    const counted = await server.stats(query.get("run") ?? undefined);
    if (!counted) throw new Unanswerable(404, "no such run");
    return json(counted);
  },
};
