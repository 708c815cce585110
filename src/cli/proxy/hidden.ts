/** Owns what is hidden of the view of a proxy: what is hidden in its recordings, if that was asked for. */
import { Opcode } from "../../frame/opcode.js";
import type { ProxyEvent } from "../../proxy/events.js";
import type { Instead } from "../../proxy/interference.js";
import { Redactor } from "../../recording/redactor.js";

/** So many connections that have not ended are remembered. */
const mostRemembered = 20_000;

/** What hides the secrets of connections: each has one of its own, since it learns. */
export class Redactors {
  readonly #patterns: readonly string[];
  readonly #isForView: boolean;
  readonly #ofConnections = new Map<number, Redactor>();

  /**
   * @param isForView whether the view is to hide what the recordings do
   * @throws WsctlError WSCTL_EUSAGE for a pattern that cannot be read
   */
  constructor(patterns: readonly string[], isForView: boolean) {
    this.#patterns = patterns;
    this.#isForView = isForView;
    // A mistake is said at once.
    this.#made();
  }

  /** The one of a connection that begins to be recorded. */
  readonly begin = (connection: number): Redactor => {
    const redactor = this.#made();
    if (!this.#isForView) return redactor;
    this.#ofConnections.set(connection, redactor);
    const [oldest] = this.#ofConnections.keys();
    if (this.#ofConnections.size > mostRemembered) this.#ofConnections.delete(oldest!);
    return redactor;
  };

  /** The event as it may be shown. */
  shown(event: ProxyEvent): ProxyEvent {
    const connection = "connection" in event ? event.connection : undefined;
    const redactor = connection === undefined ? undefined : this.#ofConnections.get(connection);
    if (connection === undefined || !redactor) return event;
    const shown = withoutSecrets(event, redactor);
    if (event.event === "close" || event.event === "refused") {
      this.#ofConnections.delete(connection);
    }
    return shown;
  }

  #made(): Redactor {
    return new Redactor({ patterns: this.#patterns });
  }
}

function insteadOf(
  { instead }: Extract<ProxyEvent, { event: "note" }>,
  redactor: Redactor,
): { instead?: Instead } {
  if (!instead) return {};
  const { opcode, payload } = instead;
  return { instead: { opcode, payload: redactor.payload(opcode, payload) ?? payload } };
}

/**
 * The event without its secrets. What the redactor is to have learned of a connection's headers and
 * URL it has to have learned before: a recording of the connection sees to that.
 */
function withoutSecrets(event: ProxyEvent, redactor: Redactor): ProxyEvent {
  switch (event.event) {
    case "message": {
      const { data, binary } = event;
      const shown = data && redactor.payload(binary ? Opcode.binary : Opcode.text, data);
      // Sizes would tell how long the secrets are.
      return shown === undefined
        ? event
        : { ...event, data: shown, size: shown.length, wire: undefined };
    }
    case "control": {
      const shown = redactor.payload(event.opcode, event.data);
      return shown === undefined ? event : { ...event, data: shown };
    }
    case "close":
      return { ...event, reason: redactor.reason(event.reason) };
    case "refused":
      return { ...event, error: redactor.quotation(event.error) };
    case "note":
      return { ...event, text: redactor.quotation(event.text), ...insteadOf(event, redactor) };
    // Of these nothing is told but names and places.
    case "open":
    case "request":
    case "tunnel":
      return event;
    default:
      return event satisfies never;
  }
}
