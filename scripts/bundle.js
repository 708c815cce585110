/**
 * Owns how the program is put together from what the compiler made: few files, the libraries it uses
 * included, because finding and opening hundreds of small ones is most of what starting it would cost.
 * What is loaded late stays apart, and so do a worker's and the ticker's threads, which are started by
 * their names. The library (`index.js`) is left as the compiler made it.
 *
 *     tsc -p tsconfig.build.json && node scripts/bundle.js
 */
import { cpSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { build } from "rolldown";

const modules = `${path.sep}node_modules${path.sep}`;

/** The directory of the package that a module belongs to; undefined for our own. */
function packageOf(id) {
  const at = id.lastIndexOf(modules);
  if (at === -1) return undefined;
  const [scope, name] = id.slice(at + modules.length).split(path.sep);
  const depth = scope.startsWith("@") ? path.join(scope, name) : scope;
  return id.slice(0, at + modules.length) + depth;
}

/** What a package says of itself, and its licence as it stands. */
function noticeOf(directory) {
  const { name, version, license } = JSON.parse(
    readFileSync(path.join(directory, "package.json"), "utf8"),
  );
  const files = readdirSync(directory).filter((file) => /^(?:licen[cs]e|copying)/i.test(file));
  const texts = files.map((file) => readFileSync(path.join(directory, file), "utf8").trim());
  return [`${name} ${version} (${license})`, ...texts].join("\n\n");
}

/** Writes down whose code is in the bundle, as their licences ask. */
const notices = {
  name: "notices",
  generateBundle(_, bundle) {
    const ids = Object.values(bundle).flatMap(({ moduleIds = [] }) => moduleIds);
    const packages = [...new Set(ids.map(packageOf))].filter((one) => one !== undefined);
    const source = packages
      .toSorted((a, b) => (a < b ? -1 : 1))
      .map(noticeOf)
      .join(`\n\n${"-".repeat(80)}\n\n`);
    this.emitFile({ type: "asset", fileName: "LICENSES.txt", source: `${source}\n` });
  },
};

await build({
  input: {
    main: "dist/cli/main.js",
    "worker-process": "dist/cluster/worker-process.js",
    "ticker-thread": "dist/load/pacer/ticker-thread.js",
  },
  platform: "node",
  // It looks for zlib by an `eval` of `require`, which only holds in a file of its own.
  external: ["hdr-histogram-js"],
  plugins: [notices],
  output: {
    // Flat, and as deep as what it was made from: files are found relative to the module that asks.
    dir: "dist/program",
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "[name]-[hash].js",
  },
});

for (const room of ["serve", "program"]) {
  cpSync("src/serve/page", `dist/${room}/page`, { recursive: true });
}
