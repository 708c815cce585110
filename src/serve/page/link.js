/** Owns the page's connection: it comes back by itself, and says how it stands. */

const firstWait = 300;
const longestWait = 10_000;

/** A WebSocket that reconnects, with exponential backoff and full jitter. */
export class Link {
  #path;
  #handlers;
  #socket;
  #attempt = 0;
  /** How long to stay away after the page itself cut the connection, in ms. */
  #cutFor;

  /**
   * @param path where the server speaks WebSocket
   * @param handlers `open(again)`, `message(value)`, `state(name, detail)`
   */
  constructor(path, handlers) {
    this.#path = path;
    this.#handlers = handlers;
  }

  /** Connects; only once. */
  start() {
    const { protocol, host, search } = location;
    this.#handlers.state("connecting");
    // What the guards may want of the query, such as a token, comes along.
    const url = `${protocol === "https:" ? "wss:" : "ws:"}//${host}${this.#path}${search}`;
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.addEventListener("open", () => {
      const again = this.#attempt > 0;
      this.#attempt = 0;
      this.#handlers.state("live");
      this.#handlers.open(again);
    });
    socket.addEventListener("message", ({ data }) => {
      if (typeof data === "string") this.#handlers.message(JSON.parse(data));
    });
    socket.addEventListener("close", ({ code }) => this.#wait(code));
  }

  /** Sends a value as JSON; false when there is no connection. */
  send(value) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(value));
    return true;
  }

  /** Cuts the connection, to see it come back after `ms`. */
  cut(ms) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#attempt = Math.max(this.#attempt, 1);
    this.#cutFor = ms;
    this.#socket.close(4000, "cut by the page");
  }

  #wait(code) {
    const longest = Math.min(longestWait, firstWait * 2 ** this.#attempt);
    const wait = this.#cutFor ?? Math.random() * longest;
    this.#cutFor = undefined;
    this.#attempt++;
    this.#handlers.state("waiting", { code, wait });
    setTimeout(() => this.start(), wait);
  }
}
