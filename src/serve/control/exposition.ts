/** Owns the counters in Prometheus' text format. */
import { collectDefaultMetrics, Counter, Gauge, Registry } from "prom-client";
import type { Stats } from "../counters.js";

/** The counters of one server, as often as they are asked for. */
export class Exposition {
  readonly #registry = new Registry();
  readonly #open: Gauge;
  readonly #peak: Gauge;
  readonly #opened: Counter;
  readonly #messages: Counter<"direction">;
  readonly #bytes: Counter<"direction">;
  readonly #closes: Counter<"code">;
  readonly #injected: Counter<"fault">;
  readonly #shared: Counter<"outcome">;
  readonly #backplaneUp: Gauge;

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
    this.#shared = new Counter({
      name: "wsctl_backplane_messages_total",
      help: "Messages shared with other nodes over Redis, by what came of them.",
      labelNames: ["outcome"],
      registers,
    });
    this.#backplaneUp = new Gauge({
      name: "wsctl_backplane_up",
      help: "Whether Redis answers; 1 without one.",
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

  #take({ connections, messages, bytes, closes, injected, backplane }: Stats): void {
    this.#open.set(connections.open);
    this.#peak.set(connections.peak);
    this.#opened.reset();
    this.#opened.inc(connections.opened);
    fill(this.#messages, "direction", messages);
    fill(this.#bytes, "direction", bytes);
    fill(this.#closes, "code", closes);
    fill(this.#injected, "fault", injected);
    const {
      published = 0,
      received = 0,
      undelivered = 0,
      missed = 0,
      ignored = 0,
    } = backplane ?? {};
    fill(this.#shared, "outcome", { published, received, undelivered, missed, ignored });
    this.#backplaneUp.set(backplane?.state === "away" ? 0 : 1);
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
