/** Owns what tests render with. */
import { Random, seedOf } from "../../src/base/random.js";
import type { JsonValue } from "../../src/message/json.js";
import type { NameScope, RenderContext } from "../../src/message/value.js";

/** Names of each kind: constant, per connection, per message. */
export const scope: NameScope = {
  names: new Map([
    ["room", { value: "lobby" }],
    ["count", { value: 3 }],
    ["rooms", { value: ["red", "green", "blue"] }],
    ["empty", { value: [] }],
    ["config", { value: { deep: { er: true }, quote: 'say "hi"\n' } }],
    ["users.token", { per: "connection" }],
    ["users.name", { per: "connection" }],
    ["session", { per: "message" }],
  ]),
  env: new Map([
    ["API_TOKEN", "s3cret"],
    ["EMPTY", ""],
  ]),
};

/** A context of connection 7, with these variables. */
export function context(
  variables: Readonly<Record<string, JsonValue>> = {},
  more: Partial<RenderContext> = {},
): RenderContext {
  const values = new Map(
    Object.entries({ "users.token": "t-7", "users.name": "Ada", ...variables }),
  );
  return {
    run: 42,
    index: 7,
    seq: 5,
    lastSeq: 3,
    now: 1_790_000_000_000,
    micros: 123_456_789,
    random: new Random(seedOf(42, 7)),
    variable: (name) => values.get(name),
    ...more,
  };
}
