/** Owns what a proxy's view is made of, and what is told to it. */
import type { ProxyStats } from "../../proxy/proxy.js";
import type { ProxyEvent, ProxyWatcher } from "../../proxy/events.js";

/** A proxy that listens, as far as it is shown. */
export interface Listening {
  /** Where clients connect. */
  readonly url: string;
  /** Whether its host and port are an HTTP proxy as well, for a browser's settings. */
  readonly forward: boolean;
  /** Address of the control port, and what it takes to change something there. */
  readonly control: string;
  readonly token: string;
  readonly seed: string;
  /** Where it leads, without secrets: the target and the routes. */
  readonly targets: readonly string[];
  /** Where recordings go. */
  readonly record: string | undefined;
  /** SHA-256 of the certificate it serves with, or of its CA. */
  readonly fingerprint: string | undefined;
}

/** One form of the view. */
export interface ProxyView extends ProxyWatcher {
  begin(listening: Listening): void;
  tell(event: ProxyEvent): void;
  /** The first Ctrl-C came. */
  ending(): void;
  /** The proxy has stopped. */
  end(stats: ProxyStats): void;
}

/** How much to show. */
export interface ViewFlags {
  readonly json?: true | undefined;
  readonly quiet?: true | undefined;
  readonly pretty?: true | undefined;
  readonly showPingPong?: true | undefined;
  readonly color: boolean;
}
