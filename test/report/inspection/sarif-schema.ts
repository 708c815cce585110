/**
 * Owns what SARIF 2.1.0 demands of the parts that are written here (OASIS, sections 3.13 to 3.58): as
 * strict as that schema, and stricter where nothing else is to be written.
 */

const text = {
  type: "object",
  required: ["text"],
  additionalProperties: false,
  properties: { text: { type: "string", minLength: 1 } },
};
const level = { enum: ["none", "note", "warning", "error"] };
const time = { type: "string", pattern: String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$` };

function exactly(properties: object, optional: readonly string[] = []): object {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: "object", additionalProperties: false, required, properties };
}

const rule = exactly({
  id: { type: "string", minLength: 1 },
  shortDescription: text,
  fullDescription: text,
  help: text,
  defaultConfiguration: exactly({ level }),
  properties: exactly({
    tags: { type: "array", items: { type: "string" }, uniqueItems: true },
    "security-severity": { type: "string", pattern: String.raw`^(10|\d)\.\d$` },
  }),
});

const location = exactly({
  physicalLocation: exactly({
    // Relative to the repository, and of characters that need no escape in a URI.
    artifactLocation: exactly({ uri: { type: "string", pattern: "^wsctl/[A-Za-z0-9._-]+$" } }),
    region: exactly({ startLine: { type: "integer", minimum: 1 } }),
  }),
});

const result = exactly(
  {
    ruleId: { type: "string", minLength: 1 },
    ruleIndex: { type: "integer", minimum: 0 },
    kind: { const: "fail" },
    level,
    message: text,
    locations: { type: "array", minItems: 1, items: location },
    partialFingerprints: {
      type: "object",
      minProperties: 1,
      additionalProperties: { type: "string" },
    },
    suppressions: {
      type: "array",
      items: exactly({
        kind: { enum: ["inSource", "external"] },
        status: { enum: ["accepted", "underReview", "rejected"] },
        justification: { type: "string" },
      }),
    },
    properties: { type: "object" },
  },
  ["ruleIndex"],
);

/** The schema. */
export const sarifSchema = exactly({
  $schema: { type: "string", pattern: "sarif-2\\.1\\.0\\.json$" },
  version: { const: "2.1.0" },
  runs: {
    type: "array",
    minItems: 1,
    items: exactly({
      tool: exactly({
        driver: exactly({
          name: { const: "wsctl" },
          version: { type: "string" },
          rules: { type: "array", uniqueItems: true, items: rule },
        }),
      }),
      invocations: {
        type: "array",
        items: exactly({
          executionSuccessful: { type: "boolean" },
          startTimeUtc: time,
          endTimeUtc: time,
        }),
      },
      columnKind: { enum: ["utf16CodeUnits", "unicodeCodePoints"] },
      results: { type: "array", items: result },
    }),
  },
});
