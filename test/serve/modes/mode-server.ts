/** Owns how the tests of modes serve one, and talk to it as `ws` clients. */
import { once } from "node:events";
import { afterEach } from "vitest";
import { type RawData, WebSocket } from "ws";
import type { FleetSetup } from "../../../src/serve/backplane-fleet.js";
import { FlagValues } from "../../../src/serve/flag.js";
import type { LogEntry } from "../../../src/serve/message-log.js";
import type { Mode } from "../../../src/serve/mode.js";
import { modes } from "../../../src/serve/modes.js";
import { pageFor } from "../../../src/serve/page.js";
import { type RunningServer, serve } from "../../../src/serve/server.js";

const running = new Set<{ close(): Promise<void> }>();
const clients = new Set<Client>();

afterEach(async () => {
  for (const { socket } of clients) socket.terminate();
  clients.clear();
  for (const server of running) await server.close();
  running.clear();
});

/** Flags by name, as the command line would give them. */
export type Flags = Readonly<Record<string, string>>;

/** A server with a mode at work, and what the mode logged. */
export interface ModeServer {
  readonly url: string;
  readonly http: string;
  readonly mode: Mode;
  readonly entries: LogEntry[];
  readonly server: RunningServer;
}

/** How a mode is made, apart from its flags. */
interface ModeOptions {
  readonly wanted?: boolean;
  readonly seed?: string;
  readonly node?: string;
  readonly fleet?: FleetSetup;
}

/** A mode made as the command line makes it, with the seed "seed". */
export function createMode(
  name: string,
  flags: Flags = {},
  { wanted = true, seed = "seed", node = "node-1", fleet }: ModeOptions = {},
): { readonly mode: Mode; readonly entries: LogEntry[] } {
  const kind = modes.get(name);
  if (!kind) throw new Error(`there is no mode ${name}`);
  const given = new Map<string, readonly string[]>();
  for (const [flag, value] of Object.entries(flags)) given.set(flag, [value]);
  const entries: LogEntry[] = [];
  const log = {
    wanted,
    add: (entry: LogEntry) => void entries.push(entry),
    now: () => performance.now(),
  };
  const mode = kind.create({ values: new FlagValues(given), seed, node, log, fleet });
  return { mode, entries };
}

/** Serves a mode on a free port; closed after the test. */
export async function startMode(
  name: string,
  flags: Flags = {},
  options: ModeOptions & { readonly port?: number } = {},
): Promise<ModeServer> {
  const { mode, entries } = createMode(name, flags, options);
  const server = await serve({
    mode,
    guards: [],
    host: "127.0.0.1",
    port: options.port ?? 0,
    controlPort: 0,
    maxPayload: 2 ** 24,
    subprotocols: [],
    compress: false,
    page: pageFor(name),
    node: options.node,
    watcher: { messages: false, tell() {} },
  });
  running.add(server);
  return { url: server.url, http: server.url.replace("ws:", "http:"), mode, entries, server };
}

/** A client of `ws` that keeps what came until somebody asks for it. */
export class Client {
  readonly socket: WebSocket;
  /** The close code, once there is one. */
  readonly closed: Promise<number>;
  readonly #came: { readonly data: Buffer; readonly isBinary: boolean }[] = [];
  #wake: () => void = () => {};

  constructor(url: string) {
    this.socket = new WebSocket(url);
    clients.add(this);
    this.closed = new Promise((resolve) => this.socket.on("close", resolve));
    this.socket.on("error", () => {});
    this.socket.on("message", (data: RawData, isBinary) => {
      this.#came.push({ data: data as Buffer, isBinary });
      this.#wake();
    });
  }

  /** Connects, and returns when the connection is open. */
  static async open(url: string): Promise<Client> {
    const client = new Client(url);
    await once(client.socket, "open");
    return client;
  }

  /** How many messages came and were not asked for. */
  get waiting(): number {
    return this.#came.length;
  }

  send(value: unknown): void {
    const raw = typeof value === "string" || Buffer.isBuffer(value);
    this.socket.send(raw ? value : JSON.stringify(value));
  }

  /** The next message, as it came. */
  async next(): Promise<{ readonly data: Buffer; readonly isBinary: boolean }> {
    const first = this.#came.shift();
    if (first) return first;
    await new Promise<void>((resolve, reject) => {
      this.#wake = resolve;
      void this.closed.then((code) => reject(new Error(`closed with ${code}`)));
    });
    return this.next();
  }

  async text(): Promise<string> {
    return (await this.next()).data.toString();
  }

  /** The next message, as the JSON that it is. */
  async json(): Promise<Record<string, unknown>> {
    return JSON.parse(await this.text()) as Record<string, unknown>;
  }

  /** Reads on, at most 10,000 messages, until one has that op. */
  async until(op: string): Promise<Record<string, unknown>> {
    for (let read = 0; read < 10_000; read++) {
      const message = await this.json();
      if (message["op"] === op) return message;
    }
    throw new Error(`no ${op} came`);
  }
}
