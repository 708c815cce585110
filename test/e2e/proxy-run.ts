/** Owns how tests drive `wsctl proxy`: the program itself, its JSON lines, and clients that pass it. */
import { once } from "node:events";
import { afterEach } from "vitest";
import { WebSocket, type ClientOptions } from "ws";
import { type Child, type ChildExit, exitWithin } from "../support/child.js";
import { startWsctl } from "../support/wsctl.js";

/** The first line of `--json`. */
export interface Listening {
  readonly event: string;
  readonly url: string;
  readonly control: string;
  readonly token: string;
  readonly seed: string;
  readonly targets: readonly string[];
  readonly record?: string;
  readonly fingerprint?: string;
}

/** One line of `--json`. */
interface ProxyLine {
  readonly event: string;
  readonly [key: string]: unknown;
}

const children: Child[] = [];
const clients: WebSocket[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate();
  await Promise.all(children.splice(0).map((child) => child[Symbol.asyncDispose]()));
});

/** A proxy that runs. */
export interface Proxy {
  readonly child: Child;
  readonly listening: Listening;
  /** Sends Ctrl-C; the end of the program, with every line of its output. */
  readonly stop: () => Promise<ChildExit & { readonly lines: readonly ProxyLine[] }>;
}

/** Starts `wsctl proxy` on a free port, with JSON lines. */
export async function startProxy(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Proxy> {
  const child = startWsctl(["proxy", "--port", "0", "--json", ...args], { env });
  children.push(child);
  const first = await child.nextLine(15_000);
  if (first === undefined) throw new Error(child.output.stderr);
  return {
    child,
    listening: JSON.parse(first) as Listening,
    async stop() {
      child.kill("SIGINT");
      const exit = await exitWithin(child, 10_000);
      const lines = exit.stdout.split("\n").filter((line) => line !== "");
      return { ...exit, lines: lines.map((line) => JSON.parse(line) as ProxyLine) };
    },
  };
}

/** A client of the package ws, with what it got. */
export interface ProxyClient {
  readonly socket: WebSocket;
  readonly got: string[];
  /** Sends a text and waits for the next message. */
  readonly ask: (text: string) => Promise<string>;
}

/** Opens a WebSocket. */
export async function connect(url: string, options: ClientOptions = {}): Promise<ProxyClient> {
  const socket = new WebSocket(url, options);
  clients.push(socket);
  const got: string[] = [];
  socket.on("message", (data: Buffer) => void got.push(data.toString()));
  await once(socket, "open");
  socket.on("error", () => {});
  return {
    socket,
    got,
    async ask(text) {
      const answer = once(socket, "message");
      socket.send(text);
      const [data] = (await answer) as [Buffer];
      return data.toString();
    },
  };
}

/** Tells the control port something. */
export async function order(
  { control, token }: Listening,
  what: string,
  body: unknown,
): Promise<unknown> {
  const answer = await fetch(`${control}${what}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return answer.json();
}
