/** Owns /binary. */
import { type Command, misused } from "../command.js";
import { fileBytes } from "../files.js";

async function bytesOf(text: string): Promise<Buffer | undefined> {
  if (text.startsWith("@")) return fileBytes(text.slice(1));
  const [, scheme = "hex", rest = text] = /^(hex|base64):(.*)$/s.exec(text) ?? [];
  const digits = rest.replace(/[\s:,]|0x/g, "");
  if (scheme === "hex") {
    return /^(?:[\da-f]{2})+$/i.test(digits) ? Buffer.from(digits, "hex") : undefined;
  }
  return /^[\w+/-]+=*$/.test(digits) ? Buffer.from(digits, "base64") : undefined;
}

/** `/binary BYTES` */
export const binary: Command = {
  name: "binary",
  takes: "HEX | base64:TEXT | @FILE",
  summary: "send a binary message",
  completes: "file",
  run: async ({ link, variables }, rest) => {
    const data = await bytesOf(variables.fill(rest));
    if (!data) throw misused(binary, "the bytes are neither hexadecimal nor base64");
    return link.send({ data, binary: true });
  },
};
