/** Owns what can be asked of a running proxy and told it, in the words of the control port of a server. */
import { randomBytes } from "node:crypto";
import { WsctlError } from "../base/errors.js";
import type { Random } from "../base/random.js";
import type { FaultInfo } from "../faults/fault-set.js";
import { controlServer } from "../serve/control.js";
import type { Controlled } from "../serve/controlled.js";
import type { Stats } from "../serve/counters.js";
import { listen } from "../serve/listener.js";
import type { NumberedEntry } from "../serve/message-log.js";
import type { ConnectionList, CutOrder } from "../serve/roster.js";
import type { ProxyFaults } from "./faults.js";
import type { ProxyLink } from "./link.js";
import type { RunningProxy } from "./proxy.js";
import type { Rules } from "./rules.js";

/** What a control is over. */
export interface ControlParts {
  readonly proxy: Pick<RunningProxy, "links" | "stats">;
  readonly faults: ProxyFaults;
  readonly rules: Rules;
  /** Chooses who is cut. */
  readonly random: Random;
}

const host = "127.0.0.1";

/** A control port that is open. */
export interface ControlPort {
  /** Such as `http://127.0.0.1:40000`. */
  readonly url: string;
  /** What changes something needs this. */
  readonly token: string;
  close(): Promise<void>;
}

/**
 * Opens the control port, on loopback.
 * @param port 0: any free one
 * @throws WsctlError WSCTL_ELISTEN
 */
export async function openControlPort(controlled: Controlled, port: number): Promise<ControlPort> {
  const token = randomBytes(18).toString("base64url");
  const http = controlServer(controlled, token);
  const bound = await listen(http, port, host, "--control-port");
  return {
    url: `http://${host}:${bound.port}`,
    token,
    close: () => {
      http.closeAllConnections();
      return new Promise((resolve) => http.close(() => resolve()));
    },
  };
}

/** A proxy as the control port sees it: its clients are the connections, what they get is sent. */
export class ProxyControl implements Controlled {
  readonly #parts: ControlParts;
  /** Who was sent the end, or hears nothing any more. */
  readonly #ending = new WeakSet<ProxyLink>();
  readonly #silent = new WeakSet<ProxyLink>();
  #peak = 0;

  constructor(parts: ControlParts) {
    this.#parts = parts;
  }

  /** A connection was opened. */
  opened(): void {
    this.#peak = Math.max(this.#peak, this.#parts.proxy.stats().open);
  }

  async stats(run?: string): Promise<Stats> {
    if (run !== undefined) refuse("a proxy does not tell runs apart", "ask for /stats of all");
    const { proxy, faults, rules } = this.#parts;
    const { open, opened, refused, requests, tunnels, messages, closes } = proxy.stats();
    const struck = rules.counts.map(({ rule, struck: times }) => [`rule ${rule}`, times] as const);
    return {
      $schema: "wsctl.stats/1",
      connections: { open, opened, peak: Math.max(this.#peak, open) },
      messages: {
        received: messages.out,
        sent: messages.in,
        delivered: messages.in - faults.undelivered,
        dropped: 0,
      },
      bytes: { received: messages.bytesOut, sent: messages.bytesIn },
      closes,
      injected: faults.injected,
      mode: { refused, requests, tunnels, ...Object.fromEntries(struck) },
    };
  }

  async log(): Promise<NumberedEntry[]> {
    return refuse("a proxy keeps no log", "--record DIR keeps every message, with its time");
  }

  async connections(limit: number): Promise<ConnectionList> {
    const now = performance.now();
    const open = this.#open();
    const connections = open.slice(0, limit).map((link) => {
      const { id, remote, path, origin, subprotocol, began, buffered } = link;
      const who = { connection: id, run: undefined, remote, path, origin };
      return Object.assign(who, { subprotocol, open: now - began, buffered });
    });
    return { total: open.length, connections };
  }

  async faults(): Promise<readonly FaultInfo[]> {
    return this.#parts.faults.list();
  }

  async addFault(spec: string): Promise<FaultInfo> {
    return this.#parts.faults.add(spec);
  }

  async removeFault(id: number): Promise<boolean> {
    return this.#parts.faults.remove(id);
  }

  async cuttable(how: CutOrder["how"]): Promise<number> {
    return this.#cuttable(how).length;
  }

  async cut({ count, how, code }: CutOrder): Promise<number> {
    const all = this.#cuttable(how);
    const most = Math.min(count, all.length);
    for (let at = 0; at < most; at++) {
      // The first steps of a Fisher–Yates shuffle draw without repetition.
      const drawn = this.#parts.random.int(at, all.length - 1);
      [all[at], all[drawn]] = [all[drawn]!, all[at]!];
      const link = all[at]!;
      (how === "silent" ? this.#silent : this.#ending).add(link);
      if (how === "silent" || how === "reset") this.#parts.faults.mute(link);
      link.cut(how, code);
    }
    return most;
  }

  async stall(ms: number): Promise<void> {
    this.#parts.faults.stall(ms);
  }

  #open(): ProxyLink[] {
    return [...this.#parts.proxy.links()].filter(({ opened }) => opened);
  }

  /** Who was cut silently hears no close frame, but can be ended. */
  #cuttable(how: CutOrder["how"]): ProxyLink[] {
    const ends = how === "fin" || how === "reset";
    return this.#open().filter(
      (link) => !this.#ending.has(link) && (ends || !this.#silent.has(link)),
    );
  }
}

function refuse(message: string, hint: string): never {
  throw new WsctlError("WSCTL_EUSAGE", message, { hint });
}
