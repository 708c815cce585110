/** Owns what the server tells whoever watches it: people at `-v`, machines as JSON lines. */

/** One thing that happened. */
export type ServeEvent =
  | {
      readonly event: "open";
      readonly connection: number;
      readonly remote: string;
      readonly path: string;
      readonly origin: string | undefined;
    }
  | {
      readonly event: "close";
      readonly connection: number;
      readonly code: number;
      readonly reason: string;
      /** Milliseconds that it was open. */
      readonly lasted: number;
    }
  | {
      readonly event: "refused";
      readonly remote: string;
      readonly path: string;
      readonly origin: string | undefined;
      readonly status: number;
      readonly error: string;
    }
  | {
      /** A mode or a guard threw, which is a bug of wsctl: the client is closed with 1011. */
      readonly event: "failed";
      readonly connection: number;
      readonly error: string;
    }
  | {
      /** Whoever watches is too slow: so many events were not told. */
      readonly event: "skipped";
      readonly count: number;
    }
  | {
      /** A node's backplane: it came up, was lost, is back; or Redis refused to publish. */
      readonly event: "backplane";
      readonly state: "up" | "away" | "refused";
      readonly node: string;
      /** Its URL without credentials. */
      readonly redis: string;
      /** Of `away` and `refused`: the reason. */
      readonly why?: string;
      /** Of being back: the ms that it was away, and the messages that could not be published. */
      readonly away?: number;
      readonly undelivered?: number;
    }
  | {
      readonly event: "message";
      readonly connection: number;
      readonly direction: "in" | "out";
      readonly binary: boolean;
      readonly data: Buffer;
    };

/** Watches a server. Messages are only told when `messages` asks for them: they cost. */
export interface Watcher {
  readonly messages: boolean;
  tell(event: ServeEvent): void;
}

/** Whether it is told whatever was asked for: a bug of wsctl, or a fleet that falls apart. */
export function isVital({ event }: ServeEvent): boolean {
  return event === "failed" || event === "backplane";
}
