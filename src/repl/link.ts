/**
 * Owns the present session of a prompt: what it tells becomes lines and log, what is typed is sent
 * on it, and another may take its place.
 */
import { WsctlError } from "../base/errors.js";
import { formatDuration } from "../base/quantity.js";
import { safeLine } from "../base/safe-text.js";
import { Opcode } from "../frame/opcode.js";
import type { Lens, LensSession, LensView } from "../lens/lens.js";
import { lensFor } from "../lens/lenses.js";
import type { Ink } from "../report/ink.js";
import { redactUrl } from "../base/redact-url.js";
import { redactSubprotocol } from "../base/secret-subprotocols.js";
import type { Session } from "../session/session.js";
import type { SessionEnd, SessionFrame, SessionMessage } from "../session/session-events.js";
import type { Outgoing, SessionOptions } from "../session/session-options.js";
import type { Sent } from "./command.js";
import type { Feed } from "./feed.js";
import type { JsonKeys } from "./json-keys.js";
import type { LensChoice } from "./lens-choice.js";
import type { MessageLog } from "./message-log.js";
import { drawEnd, drawFrame } from "./render/frame.js";
import { drawMessage, glance } from "./render/message.js";
import { RoundTrips } from "./round-trips.js";
import type { Rules } from "./rules.js";
import type { Settings } from "./settings.js";

/** What a link works with. */
export interface LinkOptions {
  readonly open: (options: SessionOptions) => Session;
  readonly ink: () => Ink;
  readonly feed: Feed;
  readonly log: MessageLog;
  readonly rules: Rules;
  readonly settings: Settings;
  readonly keys: JsonKeys;
  /** Called when the state has changed. */
  readonly onState: () => void;
  /** Called when the session is over by itself, or its last attempt to reconnect failed. */
  readonly onEnd: (end: SessionEnd) => void;
}

/** Bytes of the largest message of which more is drawn than the title that the lens gives it. */
const longestBody = 1024 * 1024;

/** The connection side of a prompt. */
export class Link {
  /** How the last session ended; undefined while one is open. */
  end: SessionEnd | undefined = undefined;
  /** The lens asked for. */
  lens: LensChoice = undefined;
  #session: Session;
  #options: SessionOptions;
  readonly #with: LinkOptions;
  /** The lens at work. */
  #active: { readonly lens: Lens; readonly session: LensSession } | undefined = undefined;
  readonly #trips = new RoundTrips();
  /** Who is told when the connection is over for good. */
  readonly #watchers = new Set<() => void>();
  #drawnAt: number | undefined = undefined;
  /** Pings of the person's own that have not been answered. */
  #pings = 0;

  constructor(options: SessionOptions, with_: LinkOptions) {
    this.#with = with_;
    this.#options = options;
    this.#session = this.#opened(options);
  }

  get session(): Session {
    return this.#session;
  }

  get options(): SessionOptions {
    return this.#options;
  }

  /** The lens at work, if any. */
  get activeLens(): Lens | undefined {
    return this.#active?.lens;
  }

  /** @throws DialError; WsctlError */
  async connect(): Promise<void> {
    this.#say(`connecting to ${safeLine(redactUrl(this.#options.target.url))}`);
    await this.#session.connect();
  }

  /** Calls back when this session ends, or another takes its place, until the returned undo. */
  watch(onOver: () => void): () => void {
    this.#watchers.add(onOver);
    return () => void this.#watchers.delete(onOver);
  }

  /** Ends this session, and begins another. @throws DialError; WsctlError */
  async replace(options: SessionOptions): Promise<void> {
    const old = this.#session;
    old.removeAllListeners();
    this.#options = options;
    this.#session = this.#opened(options);
    this.end = undefined;
    this.#over();
    this.#with.onState();
    if (old.state !== "closed") {
      // Nobody waits for its end; one that does not answer is cut by the session itself.
      void old.close(1000);
    }
    await this.connect();
  }

  /** Takes up the lens that was asked for, as after a change of {@link lens}. */
  focus(): void {
    const { upgrade } = this.#session;
    const path = upgrade?.request.target ?? this.#options.target.path;
    const told = this.lens === undefined ? lensFor(upgrade?.subprotocol ?? "", path) : this.lens;
    this.#active = told ? { lens: told, session: told.create() } : undefined;
  }

  /** The message that a typed text stands for: by the lens, if one is at work. */
  messageOf(text: string): Outgoing {
    return this.#active?.session.encode(text) ?? { data: Buffer.from(text), binary: false };
  }

  /**
   * Sends, or keeps it until the connection is open.
   * @throws WsctlError when there is none
   */
  send(message: Outgoing): Sent {
    this.#with.rules.mark();
    const { state } = this.#session;
    if (state === "closed") {
      throw new WsctlError("WSCTL_EUSAGE", "not sent: there is no connection", {
        hint: "/reconnect opens it again, /connect URL another",
      });
    }
    if (state !== "open") this.#say("kept until the connection is open");
    return { fate: this.#session.send(message) };
  }

  /** Sends a ping whose round trip is told. */
  async ping(data: Buffer): Promise<void> {
    this.#pings++;
    try {
      await this.#session.ping(data);
    } catch (error) {
      this.#pings--;
      throw error;
    }
  }

  #say(text: string): void {
    const { ink, feed } = this.#with;
    feed.say(ink().chalk.dim(`· ${text}`));
  }

  #opened(options: SessionOptions): Session {
    const session = this.#with.open(options);
    const { ink, feed, onState, onEnd } = this.#with;
    session.on("state", onState);
    session.on("open", (upgrade, gap) => {
      this.end = undefined;
      this.#pings = 0;
      this.#trips.clear();
      this.focus();
      const { chalk } = ink();
      const away = gap === undefined ? "" : ` again after ${formatDuration(gap)}`;
      const { extensions, subprotocol } = upgrade;
      const facts = [subprotocol && redactSubprotocol(subprotocol), extensions].filter(
        (fact) => fact !== undefined,
      );
      const { lens } = this.#active ?? {};
      if (lens) facts.push(`lens ${lens.name}`);
      const phases = Object.values(upgrade.phases).reduce((sum, ms) => sum + ms, 0);
      feed.say(
        `${chalk.green("●")} open${away} ${chalk.dim(safeLine([`in ${formatDuration(phases)}`, ...facts].join(" · ")))}`,
      );
      const { unconfirmed } = session;
      if (unconfirmed.length > 0) {
        this.#say(`the server did not confirm ${unconfirmed.join(" and ")} (RFC 7692 §7.1)`);
      }
      onState();
    });
    session.on("message", (message) => this.#onMessage(message));
    session.on("frame", (frame) => this.#onFrame(frame));
    session.on("rtt", (ms) => {
      if (this.#pings === 0) return;
      this.#pings--;
      this.#say(`pong after ${formatDuration(ms)}`);
    });
    session.on("unseen", ({ message }) => {
      this.#say(`the server's frames are seen no more, though its messages come: ${message}`);
    });
    session.on("lost", (end) => feed.say(drawEnd(end, ink())));
    session.on("waiting", ({ attempt, delay }) => {
      this.#say(`trying again in ${formatDuration(delay)}, attempt ${attempt}`);
    });
    session.on("end", (end) => {
      this.end = end;
      feed.say(drawEnd(end, ink()));
      this.#over();
      onEnd(end);
      onState();
    });
    return session;
  }

  #over(): void {
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const onOver of watchers) onOver();
  }

  #onFrame(frame: SessionFrame): void {
    const { frames, showPingPong } = this.#with.settings;
    const { opcode } = frame;
    if (!frames && !(showPingPong && (opcode === Opcode.ping || opcode === Opcode.pong))) return;
    const time = Date.now();
    this.#with.feed.sample("frame", () =>
      drawFrame(frame, time, this.#delta(time) ?? 0, this.#with.ink()),
    );
  }

  #onMessage(message: SessionMessage): void {
    const { feed, log, rules, settings, ink, keys } = this.#with;
    const entry = log.add(message, Date.now());
    const view = this.#see(message);
    const trip = this.#trips.see(entry);
    const taken = message.direction === "in" ? rules.take(entry, message.data) : undefined;
    if (taken?.isShown !== false) {
      const style = { ...settings };
      const isTalk = message.direction === "out" || trip !== undefined;
      feed.sample(isTalk ? "talk" : "message", () => {
        keys.learn(entry);
        const delta = this.#delta(entry.time);
        // A lens tells the time itself.
        const answers = view ? undefined : trip;
        const drawing = { entry, delta, view, answers, style, bounds: glance, ink: ink() };
        return drawMessage(drawing);
      });
    }
    for (const note of taken?.notes ?? []) {
      feed.sample("message", () => ink().chalk.dim(`· ${note}`));
    }
  }

  /** A lens is shown every message, or it would mistake those that come after. */
  #see(message: SessionMessage): LensView | undefined {
    const view = this.#active?.session.see(message);
    if (view?.answer && message.direction === "in") this.#session.answer(view.answer);
    const isLarge = message.data.length > longestBody;
    return view && isLarge ? { ...view, body: undefined, answer: undefined } : view;
  }

  /** Milliseconds since the line drawn before. */
  #delta(time: number): number | undefined {
    const delta = this.#drawnAt === undefined ? undefined : time - this.#drawnAt;
    this.#drawnAt = time;
    return delta;
  }
}
