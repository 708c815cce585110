/** Owns `/metrics`: what makes the text is loaded and made when it is asked for. */
import { setTimeout } from "node:timers/promises";
import type { Controlled } from "../controlled.js";
import type { Exposition } from "./exposition.js";
import type { Route } from "./route.js";

/** A registry is made at the first scrape: a server that nobody scrapes pays nothing. */
const made = new WeakMap<Controlled, Promise<Exposition>>();

/** In ms. */
const firstLook = 50;

/** Made once, for whoever asks while it is made as well: each watches the event loop for ever. */
async function make(): Promise<Exposition> {
  const { Exposition: Made } = await import("./exposition.js");
  const exposition = new Made();
  // The event loop's lag has no value before it was looked at a few times.
  await setTimeout(firstLook);
  return exposition;
}

/** `GET /metrics`. */
export const metrics: Route = {
  async get({ server }) {
    let making = made.get(server);
    if (!making) made.set(server, (making = make()));
    const exposition = await making;
    const text = await exposition.text(await server.stats());
    return { status: 200, text, type: exposition.type };
  },
};
