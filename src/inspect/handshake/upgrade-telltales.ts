/** Owns what servers say when the request to upgrade did not reach them, by their own words. */

/** One way to say it. */
export interface Telltale {
  /** In lower case, as it stands in the body. */
  readonly words: string;
  /** Whose words they are. */
  readonly who: string;
  /** What the server saw of the request. */
  readonly saw: string;
}

const noUpgrade = "no Upgrade: websocket";
const noConnection = "no Connection: Upgrade";

/** The first that matches counts. */
export const telltales: readonly Telltale[] = [
  {
    words: "did not receive a valid http request",
    who: "Python's websockets",
    saw: "a request that is not HTTP/1.1",
  },
  { words: "empty upgrade header", who: "Python's websockets", saw: noUpgrade },
  { words: "missing upgrade header", who: "Python's websockets", saw: noUpgrade },
  { words: "invalid connection header", who: "Python's websockets", saw: noConnection },
  { words: "empty connection header", who: "Python's websockets", saw: noConnection },
  { words: "missing connection header", who: "Python's websockets", saw: noConnection },
  {
    words: "cannot access a websocket server directly with a browser",
    who: "Python's websockets",
    saw: "a plain request",
  },
  { words: "missing or invalid upgrade header", who: "ws (Node.js)", saw: noUpgrade },
  { words: "invalid upgrade header", who: "ws (Node.js)", saw: noUpgrade },
  { words: "no websocket upgrade hdr", who: "aiohttp", saw: noUpgrade },
  { words: "no connection upgrade hdr", who: "aiohttp", saw: noConnection },
  {
    words: 'can "upgrade" only to "websocket"',
    who: "Spring, Tornado or SockJS",
    saw: noUpgrade,
  },
  { words: '"connection" must be "upgrade"', who: "Spring, Tornado or SockJS", saw: noConnection },
  { words: "connection header did not include 'upgrade'", who: "axum", saw: noConnection },
  { words: "upgrade` header did not include 'websocket'", who: "axum", saw: noUpgrade },
  { words: "does not contain websocket", who: "coder/websocket (Go)", saw: noUpgrade },
  { words: "does not contain upgrade", who: "coder/websocket (Go)", saw: noConnection },
  { words: "'upgrade' token not found in 'connection'", who: "gorilla (Go)", saw: noConnection },
  { words: "'websocket' token not found in 'upgrade'", who: "gorilla (Go)", saw: noUpgrade },
  { words: "missing upgrade", who: "Netty", saw: noUpgrade },
  { words: "not a websocket handshake", who: "the server", saw: "no WebSocket handshake" },
  { words: "not a websocket request", who: "the server", saw: "no WebSocket handshake" },
  { words: "expected websocket", who: "the server", saw: "no WebSocket handshake" },
];

/** What Socket.IO answers to an address without the parameters that its clients add. */
export const socketIoAddress = '"message":"transport unknown"';

/** What Socket.IO answers to a plain request for the transport websocket, and to little else. */
export const socketIoPlain = '"code":3,"message":"bad request"';
