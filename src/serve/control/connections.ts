/** Owns `/connections`: who is connected. */
import { json, type Route, wholeNumber } from "./route.js";

const usual = 100;
const most = 1000;

/** `GET /connections?limit=N`: the oldest first. */
export const connections: Route = {
  async get({ server, query }) {
    return json(await server.connections(wholeNumber(query, "limit", { missing: usual, most })));
  },
};
