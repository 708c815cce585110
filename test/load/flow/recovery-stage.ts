/** Owns plays after which what became of lost connections is looked at, as a run's result tells it. */
import type { WebSocket } from "ws";
import { recoveryOf } from "../../../src/cluster/recovery.js";
import type { Engine } from "../../../src/load/engine.js";
import { Accumulator } from "../../../src/metrics/accumulator.js";
import type { Recovery } from "../../../src/metrics/recovery.js";
import { startWsEcho, type WsEcho } from "../../support/servers.js";
import { flowPlan, play, scenario, uncorrelated, type Outcome, type Script } from "./stage.js";

/** What a play came to, and what its result says of losses. */
export interface Recovered extends Outcome {
  readonly recovery: Recovery | undefined;
  readonly peaks: Readonly<Record<string, number>>;
}

/** Until what is to happen has happened, on the busiest machine; plays are ended when it has. */
const atLongest = 20_000;

/**
 * Plays a script of listeners, unless it says what they do.
 * @param during is handed the engine before traffic starts
 */
export async function recover(
  script: Script,
  during?: (engine: Engine) => void,
): Promise<Recovered> {
  const whole: Script = {
    correlate: uncorrelated,
    gracefulStop: 50,
    duration: atLongest,
    scenarios: [
      scenario([{ name: "listen", kind: "listen", for: 60_000 }], { repeat: "same-socket" }),
    ],
    ...script,
  };
  const outcome = await play(whole, { closingGrace: 300 }, during);
  const merged = new Accumulator();
  for (const snapshot of outcome.snapshots) merged.add(snapshot);
  const recovery = recoveryOf(flowPlan(whole), [outcome.finished], merged);
  return { ...outcome, recovery, peaks: merged.peaks() };
}

/** A server under test, and the play against it. */
export interface Node extends WsEcho {
  /** Calls once so many connections have been opened in all, with those that are open. */
  when(opened: number, act: (sockets: readonly WebSocket[]) => void): void;
  /** Plays until so many connections have been opened in all, and what has to follow has followed. */
  playUntil(opened: number, script: Omit<Script, "url">): Promise<Recovered>;
}

/** After the last connection was opened, the other side has yet to hear of it. */
const toHear = 250;

/** An echo server that names itself. */
export async function startNode(name?: string): Promise<Node> {
  const server = await startWsEcho();
  let opened = 0;
  const acts: { readonly opened: number; act(sockets: readonly WebSocket[]): void }[] = [];
  if (name !== undefined) {
    server.wss.on("headers", (headers) => headers.push(`Wsctl-Node: ${name}`));
  }
  server.wss.on("connection", () => {
    opened++;
    for (const one of acts) {
      // The other side shall know that it is open before it is cut.
      if (one.opened === opened) setTimeout(() => one.act([...server.wss.clients]), toHear);
    }
  });
  const when: Node["when"] = (count, act) => void acts.push({ opened: count, act });
  return {
    ...server,
    when,
    playUntil: async (count, script) =>
      recover({ url: server.url, ...script }, (engine) => when(count, () => engine.stop())),
  };
}

/** Cuts some connections without a word. */
export function terminate(sockets: readonly WebSocket[]): void {
  for (const socket of sockets) socket.terminate();
}
