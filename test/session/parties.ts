/** Owns the two sides of a session under test: the session, watched, and servers made by hand. */
import { once } from "node:events";
import { afterEach } from "vitest";
import { parseTarget } from "../../src/dial/target.js";
import { Session } from "../../src/session/session.js";
import type {
  SessionEnd,
  SessionFrame,
  SessionGap,
  SessionMessage,
} from "../../src/session/session-events.js";
import type { Outgoing, SessionOptions } from "../../src/session/session-options.js";

/** A session and all that it has told. */
export interface Watched {
  readonly session: Session;
  /** Names of events, states with their value. */
  readonly log: string[];
  readonly messages: SessionMessage[];
  readonly frames: SessionFrame[];
  readonly gaps: SessionGap[];
  readonly lost: SessionEnd[];
  readonly ended: Promise<SessionEnd>;
  /** Resolves when that many messages have come in. */
  readonly received: (count: number) => Promise<SessionMessage[]>;
  /** Resolves when the condition holds; looked at after every event. */
  readonly until: (condition: () => boolean) => Promise<void>;
}

const sessions: Session[] = [];

afterEach(() => {
  for (const session of sessions.splice(0)) session.terminate();
});

/** A session with that address; terminated after the test. */
export function watch(
  url: string,
  options: Partial<SessionOptions> = {},
  random?: () => number,
): Watched {
  const session = new Session(
    {
      target: parseTarget(url),
      dial: {},
      compression: undefined,
      maxPayload: 16 * 1024 * 1024,
      reconnect: undefined,
      preamble: [],
      ping: undefined,
      autoReplies: [],
      ...options,
    },
    { random },
  );
  sessions.push(session);
  const log: string[] = [];
  const messages: SessionMessage[] = [];
  const frames: SessionFrame[] = [];
  const gaps: SessionGap[] = [];
  const lost: SessionEnd[] = [];
  const waiting = new Set<() => void>();
  const look = () => {
    for (const check of waiting) check();
  };
  const until = (condition: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const check = () => {
        if (!condition()) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  session.on("state", (state) => {
    log.push(state);
    look();
  });
  session.on("open", () => {
    log.push("open!");
    look();
  });
  session.on("message", (message) => {
    messages.push(message);
    look();
  });
  session.on("frame", (frame) => {
    frames.push(frame);
    look();
  });
  session.on("waiting", (gap) => {
    gaps.push(gap);
    look();
  });
  session.on("lost", (end) => {
    log.push("lost");
    lost.push(end);
    look();
  });
  session.on("rtt", () => {
    log.push("rtt");
    look();
  });
  const ended = once(session, "end").then(([end]) => {
    log.push("end");
    return end as SessionEnd;
  });
  const incoming = () => messages.filter(({ direction }) => direction === "in");
  return {
    session,
    log,
    messages,
    frames,
    gaps,
    lost,
    ended,
    until,
    received: async (count) => {
      await until(() => incoming().length >= count);
      return incoming();
    },
  };
}

export function text(data: string, fragments?: number): Outgoing {
  return { data: Buffer.from(data), binary: false, fragments };
}
