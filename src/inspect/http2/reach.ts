/** Owns the way to a server's HTTP/2: by ALPN where there is TLS, by prior knowledge where there is none. */
import type { Settings } from "node:http2";
import { codeOf, DialError } from "../../dial/dial-error.js";
import type { Wire } from "../../dial/wire.js";
import { patience } from "../check-timeout.js";
import type { Observation } from "../check.js";
import type { Reply } from "../reply.js";
import type { Subject } from "../subject.js";
import { Http2Peer } from "./peer.js";

/** HTTP/2 that stands. */
interface Reached {
  readonly peer: Http2Peer;
  readonly settings: Settings;
}

/** Servers that were found to speak no HTTP/2, by the first exchange with them: asked but once. */
const without = new WeakMap<Reply, Observation>();

function note({ baseline }: Subject, observation: Observation): Observation {
  without.set(baseline, observation);
  return observation;
}

function skip(subject: Subject, message: string): Observation {
  return note(subject, { verdict: "skip", message });
}

/** A wire on which HTTP/2 may be spoken, or why there is none. */
async function wireOf(subject: Subject): Promise<Wire | Observation> {
  const { asker, options, target } = subject;
  try {
    const wire = await asker.open({ tls: { ...options.tls, alpn: ["h2"] } });
    const chosen = wire.tls?.alpn;
    if (!target.secure || chosen === "h2") return wire;
    wire.destroy();
    return skip(subject, "the server speaks no HTTP/2: it does not choose h2 by ALPN");
  } catch (error) {
    if (!(error instanceof DialError) || error.reason === "aborted") throw error;
    const { cause } = error;
    if (cause instanceof Error && /NO_APPLICATION_PROTOCOL/.test(codeOf(cause))) {
      return skip(subject, "the server speaks no HTTP/2: it refuses h2 by ALPN");
    }
    return { verdict: "inconclusive", message: error.message };
  }
}

/**
 * Opens HTTP/2, on one connection. Whoever reaches it destroys the peer.
 * @returns what there is to say instead where there is none
 */
export async function reachHttp2(subject: Subject): Promise<Reached | Observation> {
  const lack = without.get(subject.baseline);
  if (lack) return lack;
  const wire = await wireOf(subject);
  if ("verdict" in wire) return wire;
  const peer = new Http2Peer(wire, subject.target, subject.signal);
  const settings = await peer.settings(patience(subject));
  if (settings) return { peer, settings };
  peer.destroy();
  wire.destroy();
  if (subject.target.secure) {
    const message = "the server chose h2 by ALPN, and then sent no HTTP/2 settings in time";
    return note(subject, { case: "settings", verdict: "fail", message });
  }
  return skip(subject, "the server speaks no HTTP/2 on plain TCP (tried with prior knowledge)");
}
