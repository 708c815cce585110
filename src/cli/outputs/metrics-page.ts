/** Owns the HTTP server on which a run's metrics can be scraped while it lasts. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { messageOf, WsctlError } from "../../base/errors.js";

/** A page that is served. */
export interface ServedPage {
  /** `http://127.0.0.1:9464/metrics` */
  readonly url: string;
  close(): void;
}

const contentType = "text/plain; version=0.0.4; charset=utf-8";

/**
 * Serves what `render` gives at `/metrics`, and nothing else.
 *
 * @param given as the user wrote it, for messages
 * @throws WsctlError WSCTL_ELISTEN
 */
export async function servePage(
  { host, port }: { readonly host: string; readonly port: number },
  given: string,
  render: () => string,
): Promise<ServedPage> {
  const server = createServer((request, response) => {
    const [path] = (request.url ?? "/").split("?");
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, { allow: "GET, HEAD" }).end();
    } else if (path === "/metrics") {
      response.writeHead(200, { "content-type": contentType, "cache-control": "no-store" });
      response.end(request.method === "HEAD" ? undefined : render());
    } else {
      response
        .writeHead(404, { "content-type": "text/plain; charset=utf-8" })
        .end("see /metrics\n");
    }
  });
  server.on("clientError", (_error, socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      reject(
        new WsctlError("WSCTL_ELISTEN", `-o ${given}: cannot listen: ${messageOf(cause)}`, {
          cause,
          hint: "choose another port, or 0 for any free one",
        }),
      );
    });
    server.listen(port, host, resolve);
  });
  server.on("error", () => {});
  // Nobody who scrapes keeps the program alive.
  server.unref();
  const { address, family, port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${bound}/metrics`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
