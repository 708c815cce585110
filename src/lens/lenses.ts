/** Owns the list of lenses: one line for each. */
import { graphql } from "./graphql.js";
import { json } from "./json.js";
import { jsonrpc } from "./jsonrpc.js";
import type { Lens } from "./lens.js";
import { msgpack } from "./msgpack.js";
import { socketio } from "./socketio.js";

/** Every lens by its name. */
export const lenses: ReadonlyMap<string, Lens> = new Map([
  ["json", json],
  ["jsonrpc", jsonrpc],
  ["graphql", graphql],
  ["socketio", socketio],
  ["msgpack", msgpack],
]);

/**
 * The lens of the protocol that a connection speaks by all appearances; undefined when nothing
 * tells.
 * @param subprotocol what the server chose of Sec-WebSocket-Protocol; empty when nothing
 * @param path of the request, with its query
 */
export function lensFor(subprotocol: string, path: string): Lens | undefined {
  for (const lens of lenses.values()) {
    if (lens.subprotocols.includes(subprotocol) || lens.path?.test(path)) return lens;
  }
  return undefined;
}
