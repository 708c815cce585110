/** Owns `/metrics`: the counters in Prometheus' text format, built when they are asked for. */
import { setTimeout } from "node:timers/promises";
import { collectDefaultMetrics, Counter, Gauge, Registry } from "prom-client";
import type { Controlled } from "../controlled.js";
import type { Stats } from "../counters.js";
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
      made.set(server, (exposition = new Exposition()));
      // The event loop's lag has no value before it was looked at a few times.
      await setTimeout(firstLook);
    }
    const text = await exposition.text(await server.stats());
    return { status: 200, text, type: exposition.type };
  },
};

class Exposition {
  readonly #registry = new Registry();
  readonly #open: Gauge;
  readonly #peak: Gauge;
  readonly #opened: Counter;
  readonly #messages: Counter<"direction">;
  readonly #bytes: Counter<"direction">;
  readonly #closes: Counter<"code">;
  readonly #injected: Counter<"fault">;

  constructor() {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry, prefix: "wsctl_" });
    this.#open = new Gauge({
      name: "wsctl_connections_open",
      help: "Connections that are open.",
      registers,
    });
    this.#peak = new Gauge({
      name: "wsctl_connections_peak",
      help: "The most connections that were open at once.",
      registers,
    });
    this.#opened = new Counter({
      name: "wsctl_connections_total",
      help: "Connections that were upgraded.",
      registers,
    });
    this.#messages = new Counter({
      name: "wsctl_messages_total",
      help: "Messages, by direction; delivered is what was handed to TCP.",
      labelNames: ["direction"],
      registers,
    });
    this.#bytes = new Counter({
      name: "wsctl_payload_bytes_total",
      help: "Payload bytes of messages, by direction.",
      labelNames: ["direction"],
      registers,
    });
    this.#closes = new Counter({
      name: "wsctl_closes_total",
      help: "Connections that ended, by close code.",
      labelNames: ["code"],
      registers,
    });
    this.#injected = new Counter({
      name: "wsctl_faults_injected_total",
      help: "How often each fault struck.",
      labelNames: ["fault"],
      registers,
    });
  }

  get type(): string {
    return this.#registry.contentType;
  }

  async text(stats: Stats | undefined): Promise<string> {
    if (stats) this.#take(stats);
    return this.#registry.metrics();
  }

  #take({ connections, messages, bytes, closes, injected }: Stats): void {
    this.#open.set(connections.open);
    this.#peak.set(connections.peak);
    this.#opened.reset();
    this.#opened.inc(connections.opened);
    fill(this.#messages, "direction", messages);
    fill(this.#bytes, "direction", bytes);
    fill(this.#closes, "code", closes);
    fill(this.#injected, "fault", injected);
  }
}

function fill<Label extends string>(
  counter: Counter<Label>,
  label: Label,
  values: Readonly<Record<string, number>>,
): void {
  counter.reset();
  for (const [name, value] of Object.entries(values)) {
    counter.inc({ [label]: name } as Record<Label, string>, value);
  }
}
