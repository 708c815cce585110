/**
 * Owns the mode script: what is answered is written in a YAML file, a list of rules. For each message
 * the first rule that matches counts; a message that none matches is not answered.
 *
 *     - on: open                                  # or conditions on the message, as everywhere: {} is any
 *       reply: { op: hello, node: "{{ node }}" }  # text is sent as text, anything else as JSON
 *     - on: { json: $.op, equals: join }
 *       capture: { json: $.room, as: room }       # or a list; kept for the life of the connection
 *       replies: [{ op: ok, room: "{{ room }}" }, { op: welcome }]
 *       delay: normal=20ms,5ms                    # as --delay of echo; replies keep their order
 *       times: 1                                  # per connection; after that the next rule has its turn
 *     - on: { contains: quit }
 *       close: { code: 4000, reason: bye }        # after the replies
 *
 * Texts are templates: `{{ node }}`, what was captured, and built-ins; `$seq` counts the replies on
 * the connection, `$lastSeq` the messages that came in on it, `$index` connections from 0.
 */
import { readFileSync } from "node:fs";
import { messageOf, WsctlError } from "../../base/errors.js";
import { Random, seedOf } from "../../base/random.js";
import { Opcode } from "../../frame/opcode.js";
import type { JsonValue } from "../../message/json.js";
import type { RenderContext } from "../../message/value.js";
import { MessageView } from "../../message/view.js";
import { HeldReplies } from "../held-replies.js";
import type { Mode, ModeKind, ModeSetup } from "../mode.js";
import type { Peer } from "../peer.js";
import { readRules } from "./script/rules.js";
import type { Rule } from "./script/rule.js";

/** Answers by rules. */
export const script: ModeKind = {
  summary: "answers by the rules of a YAML file",
  flags: [{ flag: "--script <file>", summary: "the rules" }],
  create(setup) {
    const file = setup.values.get("script");
    if (file === undefined) {
      throw new WsctlError("WSCTL_EUSAGE", "the mode script needs a file of rules", {
        hint: "give it with --script FILE",
      });
    }
    return new Script(readRules(file, readText(file), setup.node), setup);
  },
};

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new WsctlError("WSCTL_EUSAGE", `cannot read the script: ${messageOf(cause)}`, { cause });
  }
}

class Script implements Mode {
  readonly #rules: readonly Rule[];
  readonly #setup: ModeSetup;
  readonly #counts = { matched: 0, unmatched: 0, failed: 0 };

  constructor(rules: readonly Rule[], setup: ModeSetup) {
    this.#rules = rules;
    this.#setup = setup;
  }

  accept(peer: Peer): void {
    const conversation = new Conversation(peer, this.#setup);
    const turn = (view: MessageView | undefined): void => {
      const rule = this.#rules.find((one) => conversation.matches(one, view));
      if (rule) this.#counts.matched++;
      else if (view) this.#counts.unmatched++;
      if (rule && !conversation.play(rule, view)) this.#counts.failed++;
    };
    peer.onMessage = (data, isBinary) => {
      conversation.heard();
      turn(new MessageView(isBinary ? Opcode.binary : Opcode.text, data));
    };
    turn(undefined);
  }

  stats(): Readonly<Record<string, number>> {
    return this.#counts;
  }
}

/** What one client and the script have said so far. */
class Conversation {
  readonly #peer: Peer;
  readonly #held: HeldReplies;
  readonly #now: () => number;
  readonly #variables = new Map<string, JsonValue>();
  readonly #context: RenderContext;
  /** How many times each rule with a limit has had its turn. */
  readonly #turns = new Map<Rule, number>();

  constructor(peer: Peer, { seed, log }: ModeSetup) {
    this.#peer = peer;
    this.#now = () => log.now();
    this.#held = new HeldReplies(peer, this.#now);
    this.#context = {
      run: 0,
      index: peer.id - 1,
      seq: 0,
      lastSeq: 0,
      now: 0,
      micros: 0,
      random: new Random(seedOf(seed, "script", peer.id)),
      variable: (name) => this.#variables.get(name),
    };
  }

  heard(): void {
    this.#context.lastSeq++;
  }

  /** Whether it is the rule's turn. `view` undefined: the client has just come. */
  matches(rule: Rule, view: MessageView | undefined): boolean {
    if ((this.#turns.get(rule) ?? 0) >= rule.times) return false;
    return view === undefined ? rule.on === "open" : rule.on !== "open" && rule.on.test(view);
  }

  /** Does what the rule says; false, and the client is sent away, when a reply cannot be made. */
  play(rule: Rule, view: MessageView | undefined): boolean {
    if (rule.times < Infinity) this.#turns.set(rule, (this.#turns.get(rule) ?? 0) + 1);
    const due = this.#now() + rule.delay(this.#context.random);
    const { close } = rule;
    try {
      for (const capture of view ? rule.captures : []) {
        const value = capture.read(view!);
        if (value !== undefined) this.#variables.set(capture.name, value);
      }
      for (const reply of rule.replies) this.#say(due, this.#render(reply));
    } catch (error) {
      // What was captured may be nested too deeply for the stack.
      if (!(error instanceof WsctlError || error instanceof RangeError)) throw error;
      const reason = `script line ${rule.line}: ${error.message}`.slice(0, 40);
      this.#held.push(due, 0, () => this.#peer.close(1011, reason));
      return false;
    }
    if (close) this.#held.push(due, 0, () => this.#peer.close(close.code, close.reason));
    return true;
  }

  #say(due: number, data: Buffer): void {
    this.#held.push(due, data.length, () => this.#peer.send(data, false));
  }

  #render(reply: Rule["replies"][number]): Buffer {
    const context = this.#context;
    context.seq++;
    if (Buffer.isBuffer(reply)) return reply;
    context.now = Date.now();
    context.micros = Math.floor(this.#now() * 1000);
    return Buffer.from(reply.render(context));
  }
}
