/** Owns the list of the checks of HTTP/2 and HTTP/3. */
import type { Check } from "../check.js";
import { http3 } from "./http3.js";
import { unknownProtocol } from "./unknown-protocol.js";
import { websocketOverHttp2 } from "./websocket.js";

/** The checks of HTTP/2 and HTTP/3, in the order of the catalogue. */
export const http2Checks: readonly Check[] = [websocketOverHttp2, unknownProtocol, http3];
