/** Owns the map of built-ins: a new one is a file in `builtin/` and a line here. */
import type { Builtin } from "./builtin/builtin.js";
import { index, lastSeq, now, seq } from "./builtin/counters.js";
import { env } from "./builtin/env.js";
import { pick } from "./builtin/pick.js";
import { randomInt } from "./builtin/random-int.js";
import { randomString } from "./builtin/random-string.js";
import { stamp } from "./builtin/stamp.js";
import { uuid } from "./builtin/uuid.js";

/** Every built-in by its name, with the `$`. */
export const builtins: ReadonlyMap<string, Builtin> = new Map([
  ["$seq", seq],
  ["$index", index],
  ["$uuid", uuid],
  ["$now", now],
  ["$stamp", stamp],
  ["$lastSeq", lastSeq],
  ["$randomInt", randomInt],
  ["$randomString", randomString],
  ["$pick", pick],
  ["$env", env],
]);
