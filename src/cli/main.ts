/** Owns the process: the only place that exits. */
import { ExitCode } from "./exit-codes.js";
import { processHost } from "./host.js";
import { run } from "./run.js";

const host = processHost();

// The reader of our output has gone (`wsctl … | head`): that is no error of ours, and nobody is left
// to work for, unless something has to be brought to its end. Without a reader of the diagnostics the
// work goes on.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") {
    if (!host.readerGone()) process.exit();
    return;
  }
  if (host.outputLost(error)) return;
  process.stderr.write(`error: cannot write the output: ${error.message}\n`);
  process.exit(ExitCode.failed);
});
process.stderr.on("error", () => {});

// Setting the code rather than exiting lets piped output drain; what is still open by then (a
// socket, a child) is nothing that anybody waits for.
process.exitCode = await run(host);
await Promise.all(
  [process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write("", done))),
);
process.exit();
