/**
 * Owns the guard that validates messages against a JSON Schema before the mode sees them. Whoever
 * sends what is invalid is told what is wrong, and after some strikes is closed.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Ajv, Options, ValidateFunction } from "ajv";
import type { Ajv2019 } from "ajv/dist/2019.js";
import type { Ajv2020 } from "ajv/dist/2020.js";
import { messageOf, WsctlError } from "../../base/errors.js";
import { compileRegex } from "../../message/regex.js";
import type { GuardKind } from "../guard.js";
import { parseAllowance } from "./bound.js";
import { withLinearUniqueItems } from "./unique-items.js";

/** What is wrong with a message, as its sender is told. */
interface Complaint {
  readonly error: string;
  readonly details: readonly { readonly path: string; readonly message: string }[];
}

/** Larger messages are not looked at: what a schema can ask for is not all linear in the size. */
const largest = 1024 * 1024;

/** Patterns in linear time: JavaScript's own engine can be made to run for hours. */
function regExp(pattern: string, flags: string): ReturnType<typeof compileRegex> {
  return compileRegex(pattern, flags);
}
/** Only for code that ajv would write to a file. */
regExp.code = "regExp";

const options: Options = {
  // Words and formats that ajv does not know are notes to people, as the specification has it.
  strict: false,
  validateFormats: false,
  logger: false,
  // All errors of a hostile message could be more than the message.
  allErrors: false,
  // Else `{}` would have a "constructor".
  ownProperties: true,
  code: { regExp },
};

const usualStrikes = 3;

// A server without this guard, as most are, is not to load what compiles schemas; and where there is
// one, its flag is to be refused at once, not after a promise.
const load = createRequire(import.meta.url);

/** The validator for a dialect. */
function validatorFor(dialect: string): Ajv {
  if (dialect.includes("2020-12")) {
    const loaded = load("ajv/dist/2020.js") as { Ajv2020: typeof Ajv2020 };
    return new loaded.Ajv2020(options);
  }
  if (dialect.includes("2019-09")) {
    const loaded = load("ajv/dist/2019.js") as { Ajv2019: typeof Ajv2019 };
    return new loaded.Ajv2019(options);
  }
  const loaded = load("ajv") as { Ajv: typeof Ajv };
  return new loaded.Ajv(options);
}

/** The dialect of the schema decides; without `$schema` it is draft 7. */
function compile(schema: object): ValidateFunction {
  const dialect = "$schema" in schema ? String(schema.$schema) : "";
  return withLinearUniqueItems(validatorFor(dialect)).compile(schema);
}

function readSchema(file: string): ValidateFunction {
  try {
    const schema: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof schema !== "object" || schema === null || Array.isArray(schema)) {
      throw new TypeError("a schema is a JSON object");
    }
    // Its verdict would be a promise, and a rejected one at that.
    if ("$async" in schema) throw new TypeError("$async is not for messages");
    return compile(schema);
  } catch (cause) {
    const known = cause instanceof WsctlError ? cause : undefined;
    throw new WsctlError("WSCTL_EUSAGE", `cannot use ${file}: ${messageOf(cause)}`, {
      cause,
      hint: known?.hint ?? "give a file with a JSON Schema of draft 7, 2019-09 or 2020-12",
      where: known?.where,
    });
  }
}

function complaintAbout(
  data: Buffer,
  isBinary: boolean,
  validate: ValidateFunction,
): Complaint | undefined {
  const notJson = (message: string): Complaint => ({
    error: "the message is not JSON",
    details: [{ path: "", message }],
  });
  if (isBinary) return notJson("it is binary");
  if (data.length > largest) {
    const message = `it has ${data.length} bytes, and at most ${largest} are looked at`;
    return { error: "the message is too large for the schema", details: [{ path: "", message }] };
  }
  let value: unknown;
  try {
    value = JSON.parse(data.toString());
  } catch {
    return notJson("it cannot be parsed");
  }
  const error = "the message is not what the schema asks for";
  try {
    if (validate(value)) return undefined;
  } catch {
    // A schema that refers to itself follows the message down, until the stack is used up.
    return { error, details: [{ path: "", message: "it is nested too deeply" }] };
  }
  const details = (validate.errors ?? []).map(({ instancePath, message = "is invalid" }) => ({
    path: instancePath,
    message,
  }));
  return { error, details };
}

/** Keeps invalid messages from the mode. */
export const schema: GuardKind = {
  flags: [
    {
      flag: "--schema <file>",
      summary: "answer messages that break this JSON Schema with an error (patterns in RE2 syntax)",
    },
    {
      flag: "--strikes <n>",
      summary: `close with 1008 at the nth message that breaks --schema; ${usualStrikes} unless told`,
    },
  ],
  create(values) {
    const validate = values.read("schema", readSchema)!;
    const most = values.read("strikes", parseAllowance) ?? usualStrikes;
    return {
      attach(peer) {
        let strikes = 0;
        peer.intercept((data, isBinary) => {
          const complaint = complaintAbout(data, isBinary, validate);
          if (!complaint) return true;
          peer.sendJson(complaint);
          if (++strikes >= most) peer.close(1008, "too many invalid messages");
          return false;
        });
      },
    };
  },
};
