/** Owns clients that come back and find themselves with another server. */
import type { Backends, FaultKind } from "../fault.js";
import { refuse } from "./value.js";

/** So many clients are remembered; the one that came longest ago is forgotten first. */
const mostClients = 10_000;

function othersOf(value: string, backends: Backends | undefined): readonly string[] {
  if (!backends) {
    refuse(
      "swap-backend is for wsctl proxy: this server is the only one it has",
      "wsctl proxy --target URL --fault swap-backend=OTHER",
    );
  }
  if (value !== "") return [backends.read(value)];
  if (backends.all.length > 1) return backends.all;
  return refuse(
    "swap-backend needs another backend than the target",
    "name it, like swap-backend=ws://127.0.0.1:9001, or give a --route",
  );
}

export const swapBackend: FaultKind = {
  summary:
    "leads a client that comes again to another server than the last time; for wsctl proxy alone",
  reveals: "takes for granted that it comes back to the same server",
  value: {
    what: "the other server; those of --target and --route unless told",
    example: "ws://127.0.0.1:9001",
  },
  counts: "connections",
  create({ value, backends }) {
    const others = othersOf(value, backends);
    /** Client → where it was led last. */
    const last = new Map<string, string>();
    return {
      attach: () => ({}),
      divert(on) {
        const ring = [...new Set([on.usual, ...others])];
        const before = last.get(on.client);
        const fires = on.fires(before !== undefined && ring.length > 1);
        const chosen = fires ? ring[(ring.indexOf(before!) + 1) % ring.length]! : on.usual;
        last.delete(on.client);
        last.set(on.client, chosen);
        if (last.size > mostClients) last.delete(last.keys().next().value!);
        if (!fires) return undefined;
        on.injected();
        return chosen;
      },
    };
  },
};
