/**
 * Owns the files that a scenario names: data of users, bytes of messages, certificates. All of them
 * lie in the scenario's folder, unless that is waived: who runs a stranger's scenario has not agreed
 * to send this machine's files to its target.
 */
import { open, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { messageOf } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import type { YamlPath } from "../base/yaml-source.js";
import { type FeederFacts, formatOf, inspectFeeder } from "./feeder.js";
import type { PlanFeeder } from "./flow-plan.js";
import { problemOf, type Problem } from "./mistake.js";
import type { Scenario } from "./scenario.js";
import { parseBytes } from "./schema/binary.js";
import { allSteps, listed, usersOf } from "./users.js";

/** What was found of one feeder's file. */
export interface FeederFile extends FeederFacts {
  /** Absolute. */
  readonly path: string;
  readonly format: PlanFeeder["format"];
}

/** What was read of the files that a scenario names. */
export interface Resources {
  /** By the feeder's name. */
  readonly feeders: ReadonlyMap<string, FeederFile>;
  /** Contents by the path as it was written. */
  readonly files: ReadonlyMap<string, Buffer>;
}

/** Where files may lie. */
export interface FileAccess {
  /** Absolute: what paths are relative to. */
  readonly folder: string;
  /** Whether files outside of the folder may be read, too. */
  readonly allowPaths: boolean;
}

/** A file that becomes part of the plan is no larger. */
const largestFile = 16 * 1024 * 1024;

/** Reads all files that a scenario names; what cannot be read is told. */
export async function readResources(
  scenario: Scenario,
  access: FileAccess,
  tell: (problem: Problem) => void,
): Promise<Resources> {
  const feeders = new Map<string, FeederFile>();
  for (const [name, written] of Object.entries(scenario.config?.data ?? {})) {
    const at: YamlPath = ["config", "data", name];
    const feeder = typeof written === "string" ? { path: written } : written;
    const place = typeof written === "string" ? at : [...at, "path"];
    const file = await locate(feeder.path, access, place, tell);
    if (file === undefined) continue;
    const format = ("format" in feeder ? feeder.format : undefined) ?? formatOf(feeder.path);
    if (!format) {
      tell({
        path: place,
        message: `the name of ${safeLine(feeder.path, 80)} does not say its format`,
        hint: "end it with .csv, .json or .jsonl, or say format: csv",
      });
      continue;
    }
    try {
      feeders.set(name, { ...(await inspectFeeder(file, format)), path: file, format });
    } catch (error) {
      tell(problemOf(place, error));
    }
  }
  const files = new Map<string, Buffer>();
  for (const { written, at } of filesOf(scenario)) {
    if (files.has(written)) continue;
    const file = await locate(written, access, at, tell);
    const bytes = file === undefined ? undefined : await contentOf(file, written, at, tell);
    if (bytes) files.set(written, bytes);
  }
  return { feeders, files };
}

/** Every file whose content goes into the plan. */
function filesOf(scenario: Scenario): { written: string; at: YamlPath }[] {
  const found: { written: string; at: YamlPath }[] = [];
  const tls = scenario.config?.connection?.tls ?? {};
  for (const key of ["ca", "cert", "key"] as const) {
    const written = tls[key];
    if (written !== undefined) found.push({ written, at: ["config", "connection", "tls", key] });
  }
  const flows = [
    ...usersOf(scenario),
    { flow: scenario.config?.onReconnect ?? [], flowPath: ["config", "onReconnect"] },
  ];
  const sent = flows.flatMap(({ flow, flowPath }) =>
    allSteps(flow, flowPath).flatMap(({ map, path: at }) => [
      { send: map.send, at: [...at, "send"] },
      { send: map.every?.send, at: [...at, "every", "send"] },
      { send: map.loop?.send, at: [...at, "loop", "send"] },
    ]),
  );
  for (const [index, { send }] of (scenario.config?.heartbeat?.autoReply ?? []).entries()) {
    sent.push({ send, at: ["config", "heartbeat", "autoReply", index, "send"] });
  }
  for (const { send, at } of sent) {
    if (send === undefined) continue;
    for (const { item, path: place } of listed(send, at)) {
      const binary = typeof item === "object" ? item.binary : undefined;
      const bytes = binary === undefined ? undefined : parseBytes(binary);
      if (bytes && "file" in bytes) found.push({ written: bytes.file, at: [...place, "binary"] });
    }
  }
  return found;
}

/** The file's real path; undefined when it is not there, or where it may not be. */
async function locate(
  written: string,
  { folder, allowPaths }: FileAccess,
  at: YamlPath,
  tell: (problem: Problem) => void,
): Promise<string | undefined> {
  const file = path.resolve(folder, written);
  const shown = safeLine(written, 80);
  const outside: Problem = {
    path: at,
    message: `${shown} lies outside of the scenario's folder`,
    hint: "move it beside the scenario, or allow such paths with --allow-path",
  };
  // Of what lies elsewhere not even that it is there is told.
  if (!allowPaths && !isWithin(file, folder)) {
    tell(outside);
    return undefined;
  }
  try {
    const [real, home] = await Promise.all([realpath(file), realpath(folder)]);
    if (!allowPaths && !isWithin(real, home)) {
      tell(outside);
      return undefined;
    }
    // Opening a pipe would wait for its other end, and some devices never end.
    if ((await stat(real)).isFile()) return real;
    tell({ path: at, message: `${shown} is no file` });
  } catch {
    tell({ path: at, message: `${shown} is not there`, hint: `it was looked for at ${file}` });
  }
  return undefined;
}

function isWithin(file: string, folder: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== "" && !/^\.\.(?:[/\\]|$)/.test(relative) && !path.isAbsolute(relative);
}

async function contentOf(
  file: string,
  written: string,
  at: YamlPath,
  tell: (problem: Problem) => void,
): Promise<Buffer | undefined> {
  try {
    await using handle = await open(file);
    // What its size says is not what some files hold.
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of handle.createReadStream({ end: largestFile, autoClose: false })) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
    }
    if (size <= largestFile) return Buffer.concat(chunks, size);
    tell({ path: at, message: `${safeLine(written, 80)} is larger than 16 MiB` });
  } catch (error) {
    tell({
      path: at,
      message: `${safeLine(written, 80)} cannot be read: ${safeLine(messageOf(error), 120)}`,
    });
  }
  return undefined;
}
