/** Owns `/faults`: which faults are at work; adding and taking away while the server runs. */
import { json, known, type Route, text, Unanswerable } from "./route.js";

/** `GET /faults`, `POST /faults {"fault": "drop,p=1%"}`, `DELETE /faults/ID`. */
export const faults: Route = {
  get: async ({ server }) => json(await server.faults()),
  post: async ({ server, body }) =>
    json(await server.addFault(text(known(body, ["fault"]), "fault")), 201),
  async delete({ server, rest }) {
    const found = /^\d{1,9}$/.test(rest) && (await server.removeFault(Number(rest)));
    if (!found) throw new Unanswerable(404, "no such fault");
    return json({ removed: Number(rest) });
  },
};
