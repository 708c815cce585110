/** Owns a prompt that talks to a real server, on a terminal that is not there. */
import { afterEach } from "vitest";
import { parseTarget } from "../../src/dial/target.js";
import { Recorder } from "../../src/recording/recorder.js";
import { Repl } from "../../src/repl/repl.js";
import type { ReplEnd, ReplOptions } from "../../src/repl/repl-options.js";
import { Session } from "../../src/session/session.js";
import type { SessionOptions } from "../../src/session/session-options.js";
import { FakeTerminal, plain } from "./terminal.js";

/** A prompt under way. */
export interface Conversation {
  readonly terminal: FakeTerminal;
  readonly ended: Promise<ReplEnd>;
  readonly sessions: Session[];
  /** Types a line, Enter, and waits until something is seen after that. */
  readonly say: (line: string, expected?: string | RegExp) => Promise<string>;
}

const open: Session[] = [];

afterEach(() => {
  for (const session of open.splice(0)) session.terminate();
});

/** How to connect to that address. */
function optionsFor(url: string, more: Partial<SessionOptions> = {}): SessionOptions {
  return {
    target: parseTarget(url),
    dial: {},
    compression: undefined,
    maxPayload: 128 * 1024 * 1024,
    reconnect: undefined,
    preamble: [],
    ping: undefined,
    autoReplies: [],
    ...more,
  };
}

/** Starts a prompt; `seen` is on its screen when this resolves, unless it has ended before. */
export async function converse(
  url: string,
  more: Partial<ReplOptions> = {},
  session: Partial<SessionOptions> = {},
  seen = "● open",
): Promise<Conversation> {
  const terminal = new FakeTerminal(100);
  const sessions: Session[] = [];
  const repl = new Repl({
    session: optionsFor(url, session),
    open: (options) => {
      const made = new Session(options);
      open.push(made);
      sessions.push(made);
      return made;
    },
    retarget: async (other) => optionsFor(other === "@other" ? url : other),
    terminal,
    ink: plain,
    lens: undefined,
    history: { path: undefined },
    profiles: ["other", "staging"],
    recording: {
      appends: false,
      open: async (path, address) =>
        Recorder.open({
          path,
          url: address,
          tool: "wsctl/test",
          startedAt: new Date(),
          now: () => performance.now(),
        }),
    },
    curl: (options) => `curl '${options.target.url}'`,
    frames: false,
    showPingPong: false,
    raw: false,
    pretty: true,
    ...more,
  });
  const ended = repl.run();
  const say = async (line: string, expected?: string | RegExp): Promise<string> => {
    const from = terminal.text.length;
    terminal.type(line, "\r");
    return expected === undefined ? "" : terminal.see(expected, from);
  };
  await Promise.race([terminal.see(seen), ended]);
  return { terminal, ended, sessions, say };
}
