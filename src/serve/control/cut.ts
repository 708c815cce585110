/** Owns `/cut`: a share of the connections ends at once, as in an outage or a rollout. */
import { type CutOrder, cutWays } from "../roster.js";
import { json, known, type Route, text, Unanswerable } from "./route.js";

/** Service restart: what a server says that is about to come back. */
const usualCode = 1012;

/** `POST /cut {"share": "30%", "how": "close|fin|reset|silent", "code": 1012}`. */
export const cut: Route = {
  async post({ server, body }) {
    known(body, ["share", "how", "code"]);
    const share = shareOf(text(body, "share"));
    const how = cutWays.find((way) => way === text(body, "how", "close"));
    if (how === undefined) throw new Unanswerable(400, `"how" is one of ${cutWays.join(", ")}`);
    const code = codeOf(body.get("code"), how);
    const count = Math.round(share * (await server.cuttable(how)));
    return json({ cut: await server.cut({ count, how, code }) });
  },
};

function shareOf(written: string): number {
  const percent = /^(\d{1,3}(?:\.\d{1,6})?)\s*%$/.exec(written.trim())?.[1];
  if (percent !== undefined && Number(percent) <= 100) return Number(percent) / 100;
  throw new Unanswerable(400, '"share" is a percentage such as "30%"');
}

/** What an endpoint may send (RFC 6455 §7.4). */
function codeOf(given: unknown, how: CutOrder["how"]): number {
  if (given !== undefined && how !== "close") {
    throw new Unanswerable(400, `"code" is of a close frame, and "${how}" sends none`);
  }
  const code = given ?? usualCode;
  if (typeof code === "number" && Number.isInteger(code)) {
    const reserved = code === 1004 || code === 1005 || code === 1006;
    if (code >= 1000 && code <= 1014 && !reserved) return code;
    if (code >= 3000 && code <= 4999) return code;
  }
  throw new Unanswerable(400, '"code" is a close code that may be sent: 1000–1014, 3000–4999');
}
