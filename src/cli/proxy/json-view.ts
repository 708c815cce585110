/** Owns the view of a proxy for programs: a line of JSON for everything that happens. */
import { Opcode } from "../../frame/opcode.js";
import type { Matcher } from "../../message/matcher.js";
import type { ProxyEvent } from "../../proxy/events.js";
import type { ProxyStats } from "../../proxy/proxy.js";
import type { Host } from "../host.js";
import { jsonLine, payload } from "../json-line.js";
import { passes } from "./filter.js";
import { LineFeed } from "./line-feed.js";
import type { Listening, ProxyView, ViewFlags } from "./view.js";

/** Writes JSON lines to stdout. */
export class ProxyJsonView implements ProxyView {
  readonly messages: boolean;
  readonly #isQuiet: boolean;
  readonly #filter: Matcher | undefined;
  readonly #feed: LineFeed;
  /** What happened before it was said where the proxy listens, which always comes first. */
  #early: ProxyEvent[] | undefined = [];

  constructor(host: Host, { quiet }: ViewFlags, filter: Matcher | undefined) {
    this.messages = !quiet;
    this.#isQuiet = quiet === true;
    this.#filter = filter;
    this.#feed = new LineFeed(host.stdout, (count) => jsonLine({ event: "skipped", count }));
  }

  begin(listening: Listening): void {
    this.#feed.say(jsonLine({ event: "listening", ...listening }));
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const event of early) this.tell(event);
  }

  tell(event: ProxyEvent): void {
    if (this.#isQuiet) return;
    if (this.#early) this.#early.push(event);
    else if (passes(event, this.#filter)) this.#feed.offer(() => jsonLine(asJson(event)));
  }

  ending(): void {}

  end(stats: ProxyStats): void {
    if (!this.#isQuiet) this.#feed.say(jsonLine({ event: "end", ...stats }));
    this.#feed.end();
  }
}

function asJson(event: ProxyEvent): object {
  if (event.event === "message") {
    const { data, ...facts } = event;
    return data ? { ...facts, ...payload(data, event.binary) } : { ...facts, omitted: true };
  }
  if (event.event === "note" && event.instead) {
    const { instead, ...facts } = event;
    const { opcode, payload: said } = instead;
    const isText = opcode === Opcode.text;
    return { ...facts, instead: { opcode, size: said.length, ...payload(said, !isText) } };
  }
  if (event.event !== "control") return event;
  const { data, ...facts } = event;
  return { ...facts, ...payload(data, true) };
}
