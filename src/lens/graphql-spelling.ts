/** Owns how people write messages of graphql-transport-ws. */
import { jsonOf } from "./json-text.js";
import { isPlainObject, member } from "./plain.js";
import { misspelt } from "./spelling.js";

/** A line that {@link graphqlText} takes. */
export const example = "subscribe { greetings }";

/**
 * The message that a line stands for: `connection_init [JSON]`, `ping`, `pong`, `complete ID`,
 * `subscribe QUERY [VARIABLES]`, a query alone (`{ a }`, `query …`, `mutation …`,
 * `subscription …`), or a whole message as JSON.
 * @param nextId the id of a subscription, taken only when there is one
 * @throws WsctlError WSCTL_EUSAGE
 */
export function graphqlText(line: string, nextId: () => string): string {
  const said = line.trim();
  if (typeof member(jsonOf(said), "type") === "string") return said;
  const [, word = "", rest = ""] = /^(\w*)\s*([\s\S]*)$/.exec(said) ?? [];
  switch (word) {
    case "connection_init":
    case "ping":
    case "pong": {
      if (rest === "") return JSON.stringify({ type: word });
      if (!isPlainObject(jsonOf(rest))) {
        throw misspelt(`the payload of ${word} is a JSON object`, 'connection_init {"token":"x"}');
      }
      return `{"type":"${word}","payload":${rest}}`;
    }
    case "complete":
      if (rest === "") throw misspelt("complete needs the id of a subscription", "complete 1");
      return JSON.stringify({ type: word, id: rest });
    case "subscribe":
      return subscription(rest, nextId);
    case "":
    case "query":
    case "mutation":
    case "subscription":
    case "fragment":
      return subscription(said, nextId);
    default:
      throw misspelt("this is neither a query nor a message of graphql-transport-ws", example);
  }
}

/** Characters; the pattern that finds braces needs stack for each of a string. */
const longestQuery = 1_000_000;

function subscription(text: string, nextId: () => string): string {
  if (text.length > longestQuery) throw misspelt("the query is too long", example);
  const start = lastBlock(text);
  if (start === undefined) throw misspelt("there is no query in braces", example);
  const tail = text.slice(start);
  // No selection of fields is JSON, so that JSON at the end can only be the variables.
  const hasVariables = isPlainObject(jsonOf(tail));
  const query = (hasVariables ? text.slice(0, start) : text).trim();
  if (!query.includes("{")) throw misspelt("there is no query in braces", example);
  const variables = hasVariables ? `,"variables":${tail}` : "";
  return `{"id":${JSON.stringify(nextId())},"type":"subscribe","payload":{"query":${JSON.stringify(query)}${variables}}}`;
}

/** Where the last pair of outermost braces begins; braces in strings and comments are none. */
function lastBlock(text: string): number | undefined {
  const tokens = /"""(?:[^"\\]|\\[\s\S]|"(?!""))*"""|"(?:[^"\\\n]|\\.)*"|#[^\n]*|[{}]/g;
  let depth = 0;
  let start: number | undefined;
  for (const { 0: token, index } of text.matchAll(tokens)) {
    if (token === "{" && depth++ === 0) start = index;
    else if (token === "}") depth--;
  }
  return depth === 0 ? start : undefined;
}
