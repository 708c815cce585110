/** Owns `/metrics`: what makes the text is loaded and made when it is asked for. */
import { setTimeout } from "node:timers/promises";
import type { Controlled } from "../controlled.js";
import type { Exposition } from "./exposition.js";
import type { Route } from "./route.js";

/** A registry is made at the first scrape: a server that nobody scrapes pays nothing. */
const made = new WeakMap<Controlled, Exposition>();

/** In ms. */
const firstLook = 50;

/** `GET /metrics`. */
export const metrics: Route = {
  async get({ server }) {
    let exposition = made.get(server);
    if (!exposition) {
      const { Exposition: Made } = await import("./exposition.js");
      // Somebody else may have asked meanwhile: twice the same figures do no harm.
      made.set(server, (exposition = new Made()));
      // The event loop's lag has no value before it was looked at a few times.
      await setTimeout(firstLook);
    }
    const text = await exposition.text(await server.stats());
    return { status: 200, text, type: exposition.type };
  },
};
