/**
 * Owns the classic mistake: a proxy passes the request on without Upgrade and Connection, or as
 * HTTP/1.0, and the server behind it answers what it takes for a plain request.
 */
import { bodyText } from "../../dial/body-text.js";
import type { Confidence } from "../../findings/finding.js";
import { headerValue } from "../../frame/upgrade.js";
import type { Observation } from "../check.js";
import { type Answered, saidOf } from "../reply.js";
import { anyFix, intermediaryOf } from "./upgrade-fixes.js";
import { socketIoAddress, socketIoPlain, telltales } from "./upgrade-telltales.js";

/** What shows that the request to upgrade did not arrive. */
interface Sign {
  readonly confidence: Confidence;
  /** Follows the status. */
  readonly says: string;
}

/** Where servers and proxies put it, when they do not fail for another reason. */
const plainStatuses = new Set([200, 204, 400, 404, 405, 426, 500, 501]);

/** Whether the request asked for it at all: people may have changed its headers. */
function isUpgrade({ request }: Answered): boolean {
  const { headers } = request;
  return (
    /^websocket$/i.test(headerValue(headers, "Upgrade") ?? "") &&
    /\bupgrade\b/i.test(headerValue(headers, "Connection") ?? "") &&
    headerValue(headers, "Sec-WebSocket-Version") === "13"
  );
}

function bySaying(text: string): Sign | undefined {
  if (text.includes(socketIoPlain)) {
    return {
      confidence: "tentative",
      says: "this is Socket.IO, which seems to have seen a plain request for the transport websocket",
    };
  }
  const told = telltales.find(({ words }) => text.includes(words));
  if (!told) return undefined;
  return { confidence: "firm", says: `in the words of ${told.who}, it saw ${told.saw}` };
}

function byHead(reply: Answered): Sign | undefined {
  const { status, headers } = reply.response;
  const versions = headerValue(headers, "Sec-WebSocket-Version");
  const knows13 = versions?.split(/[\s,]+/, 20).includes("13") ?? false;
  const wanted = headerValue(headers, "Upgrade");
  if (status === 426) {
    const isOther = (versions !== undefined && !knows13) || /^(?!.*websocket)./i.test(wanted ?? "");
    if (isOther) return undefined;
    return { confidence: "firm", says: "it saw no request to upgrade, though one was sent" };
  }
  if (status === 400 && knows13) {
    return {
      confidence: "tentative",
      says: "it asks for version 13, which was sent: something else of the handshake did not arrive",
    };
  }
  const seen = intermediaryOf(reply.response);
  if (!seen) return undefined;
  if (seen.intermediary.name === "Envoy" && status === 403 && reply.body.length === 0) {
    return {
      confidence: "tentative",
      says: "Envoy refuses upgrades that it is not configured for",
    };
  }
  if (status >= 300 && status !== 400 && status !== 404 && status !== 405) return undefined;
  const what = status === 404 ? "either the path is wrong, or it" : "it";
  return {
    confidence: "tentative",
    says: `${what} took the upgrade for a plain request, which ${seen.intermediary.name} makes of it unless it is told otherwise`,
  };
}

/** Nothing was lost: the address is not complete. */
function wrongAddress(reply: Answered): Observation {
  return {
    case: "address",
    verdict: "warn",
    severity: "medium",
    confidence: "firm",
    message: `this is Socket.IO, which answered ${saidOf(reply, 60)}: the address names no transport that it knows`,
    evidence: [`body: ${bodyText(reply.response, reply.body)}`],
    why: "Clients of Socket.IO add parameters to the address; without them the server does not know what to speak.",
    fix: "Inspect /socket.io/?EIO=4&transport=websocket of this server.",
    request: reply.request,
  };
}

/** Tells of an upgrade that was lost on the way; undefined where nothing speaks for that. */
export function lostUpgrade(reply: Answered): Observation | undefined {
  const { body, request, response } = reply;
  if (!isUpgrade(reply)) return undefined;
  const isPlain = plainStatuses.has(response.status);
  const text = body.toString("latin1", 0, 4096).toLowerCase().replaceAll('\\"', '"');
  if (text.includes(socketIoAddress)) return wrongAddress(reply);
  const sign = (isPlain ? bySaying(text) : undefined) ?? byHead(reply);
  if (!sign) return undefined;
  const seen = intermediaryOf(response);
  const isFirm = sign.confidence === "firm";
  const behind = seen ? `the server behind ${seen.intermediary.name}` : "the server";
  return {
    case: "lost on the way",
    verdict: isFirm ? "fail" : "warn",
    severity: isFirm ? "high" : "low",
    confidence: sign.confidence,
    message: `the request to upgrade was ${isFirm ? "" : "perhaps "}lost on the way: ${behind} answered ${saidOf(reply, 60)}: ${sign.says}`,
    evidence: [
      "sent: Upgrade: websocket, Connection: Upgrade",
      ...(seen ? [seen.from] : []),
      ...(body.length > 0 ? [`body: ${bodyText(response, body)}`] : []),
    ],
    why: "Upgrade and Connection are headers of one hop: a proxy drops them unless it is told to pass them on, and the server then sees a plain request.",
    fix: seen?.intermediary.fix ?? anyFix,
    request,
  };
}
