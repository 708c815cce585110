/**
 * Owns one upgrade from the client's request to the end of both sockets: dialling, the two heads as
 * they were, then frames both ways.
 */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Wire } from "../dial/wire.js";
import { checkUpgrade } from "../frame/handshake.js";
import { serialiseRequest } from "../frame/http-head.js";
import { headerValue, type UpgradeRequest, type UpgradeResponse } from "../frame/upgrade.js";
import { requestFacts } from "../serve/roster.js";
import { AnswerWatch } from "./answer-watch.js";
import { ask } from "./asking.js";
import { Brake } from "./brake.js";
import type { Context } from "./context.js";
import type { Destination } from "./destination.js";
import { asksForWebSocket, upgradeHead } from "./forwarded-head.js";
import { Link } from "./link.js";
import { Relay } from "./relay.js";
import { resetSocket } from "./reset-socket.js";
import { type No, noFor, sayNo } from "./say-no.js";
import { Story } from "./story.js";
import { openTalk, type Talk, type TalkClose } from "./talk.js";
import { WaitingClient } from "./waiting-client.js";

/** Who asks for an upgrade. */
export interface Arrival {
  readonly id: number;
  readonly request: IncomingMessage;
  readonly socket: Socket;
  /** What came behind the head. */
  readonly head: Buffer;
  readonly destination: Destination;
}

/** So long may a server take to answer, in ms, unless told. */
const usualPatience = 60_000;
const cutOff: TalkClose = { by: "nobody", code: 1006, reason: "" };
const cutByUs: TalkClose = { ...cutOff, by: "proxy" };

/** One client that asked for an upgrade, and its server. */
export class Connection {
  readonly link: Link;
  /** Resolves when all is over, the recording too. */
  readonly done: Promise<void>;
  readonly #arrival: Arrival;
  readonly #context: Context;
  readonly #url: string;
  readonly #story: Story;
  readonly #watch: AnswerWatch;
  readonly #brake: Brake;
  readonly #client: WaitingClient;
  #relay: Relay | undefined;
  #wire: Wire | undefined;
  #talk: Talk | undefined;
  #isOver = false;
  /** Called when it was answered. */
  #leave = (): void => {};
  #finish: () => void = () => {};

  constructor(arrival: Arrival, context: Context) {
    const { id, request, socket, head, destination } = arrival;
    this.#arrival = arrival;
    this.#context = context;
    this.#url = urlOf(destination);
    this.link = new Link(id, socket, requestFacts(request));
    this.#story = new Story(context, this.link, this.#url);
    this.#watch = new AnswerWatch(request.method ?? "GET");
    // A reset must not end the process, whenever it comes.
    socket.on("error", () => {});
    this.#brake = new Brake(socket);
    this.#client = new WaitingClient(socket, head, this.#brake);
    this.done = new Promise((resolve) => {
      this.#finish = resolve;
    });
    context.options.onLink?.(this.link);
  }

  /** Goes all the way; never rejects. */
  async run(): Promise<void> {
    const { destination, socket, request: asked } = this.#arrival;
    let request: UpgradeRequest | undefined;
    try {
      const head = upgradeHead(asked.method ?? "GET", asked.rawHeaders, destination);
      request = serialiseRequest(head);
      this.#leave = this.#context.loops.enter(asked);
      const begun = this.#story.begin((isOn) => this.#press(isOn));
      try {
        this.#wire = await this.#context.upstream.open(destination, this.#client.signal);
      } finally {
        await begun;
      }
      if (socket.destroyed) throw new Error("the client left");
      this.#ask(this.#wire, request);
    } catch (error) {
      this.#wire?.destroy();
      this.#refuse(noFor(error), request);
    }
  }

  /** Cuts both sides. */
  destroy(): void {
    this.#arrival.socket.destroy();
    this.#wire?.destroy();
  }

  #press(isOn: boolean): void {
    for (const brake of [this.#brake, this.#relay?.serverBrake]) {
      if (isOn) brake?.hold("disk");
      else brake?.release("disk");
    }
  }

  /** Asks the server, and passes on what it answers as it comes. */
  #ask(wire: Wire, request: UpgradeRequest): void {
    const { socket, request: asked } = this.#arrival;
    const relay = new Relay(socket, wire.socket, this.#brake, () => this.#gone());
    this.#relay = relay;
    this.link.relay = relay;
    ask({
      client: socket,
      wire,
      relay,
      watch: this.#watch,
      request,
      patience: this.#context.options.dial?.timeouts?.upgrade ?? usualPatience,
      answered: (response, took, rest) => {
        this.#leave();
        if (response.status === 101) {
          this.#story.opened(request, response, { ...wire.phases, upgrade: took });
          relay.in.take(response.bytes);
          this.#open(relay, request, response);
          this.#start(relay, rest);
        } else {
          this.#story.refused("server", response.status, response.reason, request, response);
          relay.in.take(lastOnes(response));
          this.#passRefusal(relay, rest);
        }
      },
      garbled: (why, rest) => {
        this.#leave();
        // It may be a 101 to the client all the same: from now on both say what they like.
        this.#story.refused("server", 0, why, request);
        relay.startIn();
        relay.in.take(rest);
        if (!hasBody(asked)) this.#letClientGoOn(relay);
      },
      failed: (no) => {
        wire.destroy();
        this.#refuse(no, request);
      },
      left: () => {
        this.#story.refused("server", 0, "the client left before the server answered", request);
        if (socket.errored) resetSocket(wire.socket);
        else wire.destroy();
        this.#over();
      },
    });
    if (hasBody(asked)) this.#letClientGoOn(relay);
  }

  /** From now on frames pass, or what else the two have agreed on. */
  #open(relay: Relay, request: UpgradeRequest, response: UpgradeResponse): void {
    const { request: asked } = this.#arrival;
    const { headers } = response;
    const extensions = headerValue(headers, "Sec-WebSocket-Extensions") ?? "";
    this.link.open(headerValue(headers, "Sec-WebSocket-Protocol") ?? "", extensions);
    if (!asksForWebSocket(asked) || hasBody(asked)) return;
    for (const { message } of checkUpgrade(request, response)) this.#story.note(message);
    this.#talk = openTalk({
      relay,
      link: this.link,
      keeper: this.#story.keeper,
      context: this.#context,
      target: this.#url,
      request,
      response,
      note: (text, instead) => this.#story.note(text, instead),
    });
  }

  #start(relay: Relay, rest: Buffer): void {
    const talk = this.#talk;
    const take = (chunk: Buffer): void => (talk ? talk.takeIn(chunk) : relay.in.take(chunk));
    relay.startIn(take);
    if (rest.length > 0) take(rest);
    if (!hasBody(this.#arrival.request)) this.#letClientGoOn(relay);
  }

  #letClientGoOn(relay: Relay): void {
    const talk = this.#talk;
    const take = (chunk: Buffer): void => (talk ? talk.takeOut(chunk) : relay.out.take(chunk));
    for (const chunk of this.#client.release()) take(chunk);
    relay.startOut(take);
  }

  /** What the client says now is for nobody; when it leaves, the server is left too. */
  #dismissClient(): void {
    const { socket } = this.#arrival;
    this.#client.release();
    socket.resume();
    socket.once("close", () => this.#wire?.destroy());
  }

  /** The rest of a refusal: it ends where its body does, or where the server ends. */
  #passRefusal(relay: Relay, rest: Buffer): void {
    const finish = (): void => {
      if (!this.#watch.isOver) return;
      relay.in.finish();
      relay.in.mute();
      this.#wire?.destroy();
    };
    this.#dismissClient();
    relay.startIn((chunk) => {
      this.#watch.feed(chunk);
      relay.in.take(chunk);
      finish();
    });
    relay.in.take(rest);
    finish();
  }

  /** The proxy itself says no. */
  #refuse(no: No, request: UpgradeRequest | undefined): void {
    const { socket } = this.#arrival;
    this.#client.release();
    this.#story.refused("proxy", no.status, no.error, request);
    if (socket.destroyed) {
      this.#over();
      return;
    }
    socket.once("close", () => this.#over());
    sayNo(socket, no);
  }

  /** Both sockets are gone. */
  #gone(): void {
    if (!this.link.opened) {
      this.#over();
      return;
    }
    const close = this.#talk?.close ?? (this.link.isCut ? cutByUs : cutOff);
    this.#story.closed(close);
    this.#over(close.code);
  }

  #over(code?: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#leave();
    this.#talk?.stop();
    this.link.gone(code);
    void this.#story.finish().then(this.#finish);
  }
}

/**
 * The head of a refusal for the client. The connection ends with the answer, so that it must not take
 * it for one that can be asked again.
 */
function lastOnes({ bytes, headers, httpVersion }: UpgradeResponse): Buffer {
  const said = headerValue(headers, "Connection") ?? "";
  if (httpVersion !== "1.1" || /(?:^|[\s,])close(?:$|[\s,])/i.test(said)) return bytes;
  // Before the empty line.
  const end = bytes.at(-2) === 0x0d ? bytes.length - 2 : bytes.length - 1;
  const closing = Buffer.from("Connection: close\r\n");
  return Buffer.concat([bytes.subarray(0, end), closing, bytes.subarray(end)]);
}

/** Without query and credentials. */
function urlOf({ target, path }: Destination): string {
  const scheme = target.secure ? "wss" : "ws";
  return `${scheme}://${target.authority}${path.split("?", 1)[0]!}`;
}

function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers["content-length"];
  return headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0");
}
