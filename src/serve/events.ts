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
