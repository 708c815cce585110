/** Shows that the JSON Schema in the package is that of the scenarios that are read. */
import { readFileSync, writeFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { scenarioJsonSchema } from "../../src/scenario/schema/json-schema.js";

const file = new URL("../../schema/scenario.schema.json", import.meta.url);

test("schema/scenario.schema.json is up to date", () => {
  const text = JSON.stringify(scenarioJsonSchema(), null, 2);
  if (process.env["UPDATE_SCHEMA"] === "1") writeFileSync(file, `${text}\n`);
  // When this fails: UPDATE_SCHEMA=1 npx vitest run test/scenario/json-schema.test.ts; npm run format
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(JSON.parse(text));
});

test("it takes the manual's scenario, and refuses a mistyped key", () => {
  const validate = new Ajv2020({ strict: false }).compile(scenarioJsonSchema());
  const chat: unknown = parse(readFileSync(new URL("chat.txt", import.meta.url), "utf8"));
  expect(validate(chat), JSON.stringify(validate.errors)).toBe(true);
  expect(validate({ flow: [{ sned: "a" }] })).toBe(false);
  expect(
    validate({ flow: [{ send: "a" }, "reconnect", { loop: { flow: [{ listen: "1s" }] } }] }),
  ).toBe(true);
});

test("every key says what it is for", () => {
  const silent: string[] = [];
  const walk = (schema: unknown, path: string): void => {
    if (typeof schema !== "object" || schema === null) return;
    const { properties = {}, ...rest } = schema as { properties?: Record<string, object> };
    for (const [key, value] of Object.entries(properties)) {
      const isTold = "description" in value || "title" in value || "$ref" in value;
      if (!isTold) silent.push(`${path}.${key}`);
      walk(value, `${path}.${key}`);
    }
    for (const [key, value] of Object.entries(rest)) walk(value, `${path}.${key}`);
  };
  walk(scenarioJsonSchema(), "$");
  expect(silent).toEqual([]);
});
