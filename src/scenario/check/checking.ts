/** Owns what all checks of a scenario's meaning share: what they look at, and whom they tell. */
import type { FeederFacts } from "../feeder.js";
import type { Problem } from "../mistake.js";
import type { Scenario } from "../scenario.js";
import type { User } from "../users.js";

/** What a scenario is held against. */
export interface Checking {
  readonly scenario: Scenario;
  /** Its kinds of users. */
  readonly users: readonly User[];
  /** Whether a message of anybody who takes part holds a stamp. */
  readonly isStamped: boolean;
  /** What `$env.NAME` may read. */
  readonly env: ReadonlyMap<string, string>;
  /** Whether flags took the place of what the scenario says of how many users there are. */
  readonly isReshaped?: boolean;
  /** What the data files hold; one that could not be read is missing here, and told already. */
  readonly feeders: ReadonlyMap<string, FeederFacts>;
  /** @throws WsctlError WSCTL_EUSAGE for what is no address of a WebSocket */
  readonly checkTarget: ((url: string) => unknown) | undefined;
  /** Told of each mistake. */
  readonly tell: (problem: Problem) => void;
}
