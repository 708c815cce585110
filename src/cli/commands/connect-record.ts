/** Owns how a conversation is recorded as the flags say, and which of its secrets are hidden. */
import { WsctlError } from "../../base/errors.js";
import { Recorder } from "../../recording/recorder.js";
import { Redactor } from "../../recording/redactor.js";
import type { TapeSource } from "../../repl/tape.js";
import type { SessionOptions } from "../../session/session-options.js";
import { type Host, version } from "../host.js";
import { secretText } from "../text-source.js";
import type { ConnectFlags } from "./connect-options.js";
import type { Place } from "./connect-target.js";

/** The recordings of one conversation. */
export class Recordings implements TapeSource {
  readonly appends: boolean;
  /** The one to begin with, if any. */
  readonly file: string | undefined;
  readonly #host: Host;
  readonly #flags: ConnectFlags;
  /** Made at once, so that a mistake is said before anything is dialled. */
  #redactor: Redactor | undefined;
  /** Secrets that neither their names nor their places in a handshake give away. */
  readonly #secrets = new Set<string>();
  #latest: Recorder | undefined = undefined;

  /** @throws WsctlError WSCTL_EUSAGE for flags that cannot be used */
  constructor(host: Host, flags: ConnectFlags) {
    const { append = false, record } = flags;
    if (record === "-" || record === "") {
      throw new WsctlError("WSCTL_EUSAGE", "a recording needs a file", {
        hint: "standard output carries the messages; --json tells of everything there",
      });
    }
    this.appends = append;
    this.file = record;
    this.#host = host;
    this.#flags = flags;
    this.#redactor = this.#newRedactor();
  }

  readonly open = async (path: string, url: string): Promise<Recorder> => {
    const redactor = this.#redactor ?? this.#newRedactor();
    this.#redactor = undefined;
    const recorder = await Recorder.open({
      path,
      url,
      tool: `wsctl/${version()}`,
      startedAt: this.#host.date(),
      // The clock of sessions.
      now: () => performance.now(),
      fsync: this.#flags.fsync,
      append: this.appends,
      isAlone: true,
      redactor,
    });
    for (const secret of this.#secrets) recorder.learn(secret);
    this.#latest = recorder;
    return recorder;
  };

  /** Keeps out of every file what is said to that place in confidence. */
  hide({ flags, secretHeaders }: Place, { dial }: SessionOptions): void {
    const { bearer, user, passphrase } = flags;
    for (const secret of [bearer, user, passphrase]) {
      if (secret !== undefined) this.#hide(secretText(secret, this.#host.env));
    }
    for (const [name, value] of dial.request?.headers ?? []) {
      if (secretHeaders.has(name.toLowerCase())) this.#hide(value);
    }
  }

  #hide(secret: string): void {
    if (this.#secrets.has(secret)) return;
    this.#secrets.add(secret);
    this.#latest?.learn(secret);
  }

  #newRedactor(): Redactor {
    return new Redactor({ patterns: this.#flags.redact ?? [] });
  }
}
