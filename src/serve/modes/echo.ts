/**
 * Owns the mode echo: every message goes back as it came, text as text and binary as binary, at
 * once or after a delay drawn from a distribution.
 */
import { Random, seedOf } from "../../base/random.js";
import { parseDelay, type Delay } from "../delay.js";
import { HeldReplies } from "../held-replies.js";
import type { MessageLog } from "../message-log.js";
import type { ModeKind, ModeSetup } from "../mode.js";
import type { Peer } from "../peer.js";

/** Sends every message back. */
export const echo: ModeKind = {
  summary: "sends every message back as it came",
  logs: true,
  flags: [
    {
      flag: "--delay <distribution>",
      summary:
        "hold replies back, in order: 5ms, uniform=1ms..10ms, normal=MEAN,DEVIATION, " +
        "lognormal=MEDIAN,P99, exponential=MEAN, bimodal=5ms,200ms,10%",
    },
  ],
  create(setup) {
    const delay = setup.values.read("delay", parseDelay);
    return {
      accept(peer) {
        if (delay) return echoLate(peer, delay, setup);
        if (setup.log.wanted) return echoLogged(peer, setup.log);
        peer.onMessage = (data, isBinary) => peer.send(data, isBinary);
      },
    };
  },
};

function echoLogged(peer: Peer, log: MessageLog): void {
  let sequence = 0;
  peer.onMessage = (data, isBinary) => {
    const arrived = log.now();
    peer.send(data, isBinary);
    keep(log, peer, { sequence: sequence++, arrived, delay: 0 });
  };
}

function echoLate(peer: Peer, draw: Delay, { seed, log }: ModeSetup): void {
  const random = new Random(seedOf(seed, "echo delay", peer.id));
  const held = new HeldReplies(peer, () => log.now());
  let sequence = 0;
  peer.onMessage = (data, isBinary) => {
    const entry = { sequence: sequence++, arrived: log.now(), delay: draw(random) };
    held.push(entry.arrived + entry.delay, data.length, () => {
      peer.send(data, isBinary);
      // Who asked for delays wants to know them: these are kept whether wanted or not.
      keep(log, peer, entry);
    });
  };
}

function keep(
  log: MessageLog,
  { id: connection, run }: Peer,
  entry: { readonly sequence: number; readonly arrived: number; readonly delay: number },
): void {
  log.add({ connection, run, ...entry, left: log.now() });
}
