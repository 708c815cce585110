/** Owns the offers of permessage-deflate that are tried, and what of them may be accepted. */

/** What an offer that may be accepted says. */
export interface LegalOffer {
  /** The largest window that the server may use. */
  readonly serverBits?: number;
  /** Whether the client's window may be limited, and to what at most. */
  readonly clientBits?: number;
}

/** One handshake. */
export interface OfferCase {
  readonly name: string;
  /** The value of Sec-WebSocket-Extensions. */
  readonly header: string;
  /** The offers of it that may be accepted; a server must decline the others. */
  readonly legal: readonly LegalOffer[];
}

const bare = "permessage-deflate";

/** Those that are tried, in order. */
export const offerCases: readonly OfferCase[] = [
  { name: "bare", header: bare, legal: [{}] },
  {
    name: "client_max_window_bits",
    header: `${bare}; client_max_window_bits`,
    legal: [{ clientBits: 15 }],
  },
  {
    name: "server_max_window_bits=8",
    header: `${bare}; server_max_window_bits=8`,
    legal: [{ serverBits: 8 }],
  },
  {
    name: "server_max_window_bits=9",
    header: `${bare}; server_max_window_bits=9`,
    legal: [{ serverBits: 9 }],
  },
  {
    name: "server_max_window_bits=15, client's quoted",
    // A quoted value is the same as one without quotes (RFC 6455 §9.1).
    header: `${bare}; server_max_window_bits=15; client_max_window_bits="10"`,
    legal: [{ serverBits: 15, clientBits: 10 }],
  },
  {
    name: "values out of range",
    header: [7, 16, "08"].map((bits) => `${bare}; server_max_window_bits=${bits}`).join(", "),
    legal: [],
  },
  {
    name: "duplicate and unknown parameters",
    header: `${bare}; server_max_window_bits=10; server_max_window_bits=10, ${bare}; x_wsctl=1`,
    legal: [],
  },
  { name: "fallback", header: `${bare}; x_wsctl=1, ${bare}`, legal: [{}] },
];
