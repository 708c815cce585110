/** Owns what two sides agreed on of permessage-deflate (RFC 7692 §7.1), for whoever stands between. */
import { type Header, headerValue } from "../frame/upgrade.js";
import { agreementOf } from "../session/compression.js";

/** How one side compresses. */
export interface DeflateSide {
  /** Whether messages may refer to what was sent before them. */
  readonly takeover: boolean;
  /** log₂ of its window: 8 to 15. */
  readonly bits: number;
}

/** What was agreed, for what each side sends. */
export interface Deflate {
  /** From the server to the client. */
  readonly in: DeflateSide;
  /** From the client to the server. */
  readonly out: DeflateSide;
}

/**
 * What the heads of an upgrade agreed on; undefined for no compression.
 *
 * @returns `problem` in words where the answer breaks RFC 7692: nobody knows then what was agreed
 */
export function deflateOf(
  request: readonly Header[],
  response: readonly Header[],
): { readonly deflate: Deflate | undefined } | { readonly problem: string } {
  const field = "Sec-WebSocket-Extensions";
  const found = agreementOf(headerValue(request, field), headerValue(response, field));
  if ("problem" in found) return { problem: found.problem.message };
  const { agreement } = found;
  if (!agreement) return { deflate: undefined };
  const parameters = new Map(
    agreement.header.split("; ").map((part): [string, string | undefined] => {
      const [name = "", value] = part.split("=", 2);
      return [name, value];
    }),
  );
  const side = (who: "client" | "server"): DeflateSide => ({
    takeover: !parameters.has(`${who}_no_context_takeover`),
    bits: Number(parameters.get(`${who}_max_window_bits`) ?? 15),
  });
  return { deflate: { in: side("server"), out: side("client") } };
}
