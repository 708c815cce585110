/** Owns a folder with scenario files, for tests of the commands that read them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach } from "vitest";

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A folder of its own; it is gone after the test. */
export function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "wsctl-scenario-"));
  folders.push(folder);
  return folder;
}

/** Writes one file; its path. */
export function fileWith(text: string, name = "scenario.yaml", folder = newFolder()): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** A scenario without mistakes. */
export const sound = `
config:
  target: ws://127.0.0.1:1/
  connection: { headers: { x-tenant: blue, x-room: "{{ room }}" } }
  variables: { room: lobby, size: 5 }
  load: { stages: [{ duration: 1s, connections: 4 }, { duration: 2s, connections: 4 }], seed: 7 }
  correlate: { by: id, request: $.id, timeout: 3s }
  thresholds: { ws_connecting: ["p(95)<1h"] }
scenarios:
  - name: chat
    flow:
      - send: { json: { op: join, room: "{{ room }}", id: "{{ $uuid }}" } }
        expect: { json: $.ok, equals: true }
`;

/** One with two mistakes, in lines 3 and 7. */
export const wrong = `config:
  load: { connections: 1, duration: 1s }
  conections: 5
scenarios:
  - name: chat
    flow:
      - sned: hello
`;
