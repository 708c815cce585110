/** Owns the list of the checks of limits: what is asked more of a server than one client needs. */
import type { Check } from "../check.js";
import { compressionBomb } from "./bomb.js";
import { connectionCount } from "./connections.js";
import { fragmentFlood } from "./fragments.js";
import { handshakeRate } from "./handshake-rate.js";
import { messageRate } from "./message-rate.js";
import { messageSize } from "./message-size.js";
import { slowness } from "./slowness.js";
import { smuggling } from "./smuggling.js";

/** Milliseconds of each step of a ramp. */
const stepMs = 1000;
/** Milliseconds for which each of many handshakes is watched. */
const watch = 100;
/** Milliseconds that a server has to answer after what it was sent. */
const patience = 2000;
/** The same where what it was sent is large. */
const largePatience = 5000;
/** Milliseconds in which a server is to lose its patience with who does not finish. */
const bearing = 10_000;

/** The checks that `--active` and `--intrusive` add, in the order of the catalogue. */
export const limitChecks: readonly Check[] = [
  smuggling({ patience }),
  handshakeRate({ stepMs, watch, patience }),
  messageRate({ stepMs, patience }),
  connectionCount({ patience }),
  messageSize({ patience: largePatience }),
  compressionBomb({ patience }),
  fragmentFlood({ patience }),
  slowness({ bearing, patience }),
];
