/** Owns finding the part of a schema that a path of a document leads to. */
import type { z } from "zod";

/** The schema's definition as zod keeps it. */
type Definition = z.core.$ZodTypes["_zod"]["def"];

const definitionOf = (schema: z.core.$ZodType): Definition => (schema as z.core.$ZodTypes)._zod.def;

/** The schema without what only says that it may be left out, or that it is written elsewhere. */
function bare(schema: z.core.$ZodType): z.core.$ZodType {
  const definition = definitionOf(schema);
  if (definition.type === "optional") return bare(definition.innerType);
  return definition.type === "lazy" ? bare(definition.getter()) : schema;
}

/** Which of a union's options a value was meant to be, by what it is in JSON. */
function optionFor(
  options: readonly z.core.$ZodType[],
  value: unknown,
): z.core.$ZodType | undefined {
  for (const option of options.map(bare)) {
    const definition = definitionOf(option);
    if (definition.type === "union") {
      const inner = optionFor(definition.options, value);
      if (inner) return inner;
    } else if (fits(definition, value)) return option;
  }
  return undefined;
}

function fits({ type }: Definition, value: unknown): boolean {
  if (type === "array") return Array.isArray(value);
  if (type === "object" || type === "record") {
    return typeof value === "object" && value !== null && !Array.isArray(value);
  }
  if (type === "null") return value === null;
  if (type === "unknown") return true;
  if (type === "enum") return typeof value === "string";
  if (type === "literal") return typeof value === "number" || typeof value === "boolean";
  return type === typeof value;
}

/** The schema of what is at the path in a document, as far as the schema knows the way. */
export function schemaAt(
  root: z.core.$ZodType,
  path: readonly PropertyKey[],
  document: unknown,
): z.core.$ZodType | undefined {
  let schema: z.core.$ZodType = bare(root);
  let value = document;
  for (const step of path) {
    const inner = enter(schema, step, value);
    if (!inner) return undefined;
    schema = inner;
    value = (value as Readonly<Record<PropertyKey, unknown>> | undefined | null)?.[step];
  }
  return schema;
}

/** One step into a schema; a union is entered by the option that the value fits. */
function enter(
  schema: z.core.$ZodType,
  step: PropertyKey,
  value: unknown,
): z.core.$ZodType | undefined {
  const definition = definitionOf(bare(schema));
  if (definition.type === "union") {
    const option = optionFor(definition.options, value);
    return option && enter(option, step, value);
  }
  if (definition.type === "array") return definition.element;
  if (definition.type === "record") return definition.valueType;
  if (definition.type === "object") return definition.shape[String(step)];
  return undefined;
}

/** The keys that a map at this place may have; none when it may be no map. */
export function keysOf(schema: z.core.$ZodType | undefined, value: unknown): readonly string[] {
  if (!schema) return [];
  const plain = bare(schema);
  const definition = definitionOf(plain);
  if (definition.type === "object") return Object.keys(definition.shape);
  if (definition.type !== "union") return [];
  return keysOf(optionFor(definition.options, value), value);
}

/** The schema's options, when it is a union. */
export function optionsOf(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  const definition = definitionOf(bare(schema));
  return definition.type === "union" ? definition.options : [];
}
