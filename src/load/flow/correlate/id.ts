/** Owns correlation by id: a value in the request equals a value in the reply. */
import type { JsonValue } from "../../../message/json.js";
import type { Incoming } from "../incoming.js";
import { Keyed } from "./keyed.js";

/** Replies may come in any order. */
export class ById extends Keyed {
  keyOf(message: Incoming): JsonValue | undefined {
    return this.correlation.idOf(message);
  }
}
