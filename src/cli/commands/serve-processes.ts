/** Owns a server of several processes: children share the port, the parent has the control port. */
import cluster, { type Worker } from "node:cluster";
import { randomBytes } from "node:crypto";
import type { Server } from "node:http";
import { WsctlError } from "../../base/errors.js";
import type { FaultInfo } from "../../faults/fault-set.js";
import { apportion } from "../../serve/apportion.js";
import { controlServer } from "../../serve/control.js";
import type { Controlled } from "../../serve/controlled.js";
import type { Stats } from "../../serve/counters.js";
import type { Watcher } from "../../serve/events.js";
import { listen } from "../../serve/listener.js";
import type { NumberedEntry } from "../../serve/message-log.js";
import type { ConnectionList, CutOrder } from "../../serve/roster.js";
import { sumStats } from "../../serve/stats-sum.js";
import type { Host } from "../host.js";
import { ServeProcess } from "./serve-process.js";
import type { Asked } from "./serve-setup.js";

const controlHost = "127.0.0.1";
/** Children that do not end by themselves are killed after so many ms. */
const closingGrace = 5000;

/** Several processes as one server. */
export class ProcessGroup implements Controlled {
  readonly token = randomBytes(18).toString("base64url");
  readonly controlled: Controlled = this;
  /** Rejects when a process is lost. */
  readonly lost: Promise<never>;
  url = "";
  control = "";
  readonly #children: ServeProcess[] = [];
  #http: Server | undefined;
  #closed = false;
  #lose: (error: WsctlError) => void = () => {};

  private constructor() {
    this.lost = new Promise((_, reject) => {
      this.#lose = reject;
    });
    // Whoever waits for it hears of it; while starting nobody does.
    this.lost.catch(() => {});
  }

  /**
   * Starts the processes, and the control port.
   * @throws WsctlError WSCTL_ELISTEN, WSCTL_EWORKER
   */
  static async start(host: Host, asked: Asked, watcher: Watcher): Promise<ProcessGroup> {
    const group = new ProcessGroup();
    try {
      await group.#start(host, asked, watcher);
    } catch (error) {
      await group.close();
      throw error;
    }
    return group;
  }

  async #start(host: Host, { flags, seed, tls }: Asked, watcher: Watcher): Promise<void> {
    this.#http = controlServer(this, this.token);
    const { port } = await listen(this.#http, flags.controlPort, controlHost, "--control-port");
    this.control = `http://${controlHost}:${port}`;
    // Advanced serialization carries message payloads as they are.
    cluster.setupPrimary({ exec: host.self[1], args: [...host.args], serialization: "advanced" });
    for (let index = 0; index < flags.processes; index++) {
      const worker: Worker = cluster.fork();
      const lost = (how: string): void =>
        this.#lose(new WsctlError("WSCTL_EWORKER", `a process of the server was lost: ${how}`));
      this.#children.push(new ServeProcess(worker, watcher, lost));
    }
    const count = this.#children.length;
    const urls = await Promise.all(
      this.#children.map((child, index) =>
        child.begin({ type: "begin", place: { index, count, control: this.control }, seed, tls }),
      ),
    );
    this.url = urls[0] ?? "";
  }

  async stats(run?: string): Promise<Stats | undefined> {
    const parts = this.#closed
      ? this.#children.map((child) => child.last)
      : await this.#all((child) => child.ask("stats", run));
    return sumStats(parts.filter((part) => part !== undefined));
  }

  async log(): Promise<NumberedEntry[]> {
    throw new WsctlError("WSCTL_EUSAGE", "a log is only kept by a server of one process");
  }

  async connections(limit: number): Promise<ConnectionList> {
    const parts = await this.#all((child) => child.ask("connections", limit));
    return {
      total: sum(parts.map((part) => part.total)),
      connections: parts
        .flatMap((part) => part.connections)
        .toSorted((a, b) => b.open - a.open)
        .slice(0, limit),
    };
  }

  async faults(): Promise<readonly FaultInfo[]> {
    const [first = [], ...rest] = await this.#all((child) => child.ask("faults"));
    // Every child was told of the same faults in the same order, so that the ids agree.
    const firedElsewhere = (id: FaultInfo["id"]): number =>
      sum(rest.map((other) => other.find((one) => one.id === id)?.fired ?? 0));
    return first.map(({ id, spec, name, fired }) => ({
      id,
      spec,
      name,
      fired: fired + firedElsewhere(id),
    }));
  }

  async addFault(spec: string): Promise<FaultInfo> {
    const [first] = await this.#all((child) => child.ask("addFault", spec));
    return first!;
  }

  async removeFault(id: FaultInfo["id"]): Promise<boolean> {
    return (await this.#all((child) => child.ask("removeFault", id))).includes(true);
  }

  async cuttable(how: CutOrder["how"]): Promise<number> {
    return sum(await this.#all((child) => child.ask("cuttable", how)));
  }

  async cut({ count, how, code }: CutOrder): Promise<number> {
    // Rounded in every process by itself, a small share of many would be none at all.
    const there = await this.#all((child) => child.ask("cuttable", how));
    const counts = apportion(count, there);
    return sum(
      await this.#all((child, index) => child.ask("cut", { count: counts[index]!, how, code })),
    );
  }

  async stall(ms: number): Promise<void> {
    await this.#all((child) => child.ask("stall", ms));
  }

  /** Lets every process close its clients, and ends. */
  async close(): Promise<void> {
    const late = setTimeout(() => {
      for (const child of this.#children) child.kill();
    }, closingGrace);
    await this.#all((child) => child.close());
    clearTimeout(late);
    this.#closed = true;
    const http = this.#http;
    http?.closeAllConnections();
    if (http?.listening) await new Promise((resolve) => http.close(resolve));
  }

  #all<T>(ask: (child: ServeProcess, index: number) => Promise<T>): Promise<T[]> {
    return Promise.all(this.#children.map(ask));
  }
}

function sum(parts: readonly number[]): number {
  return parts.reduce((all, part) => all + part, 0);
}
