/** Owns /file. */
import { isUtf8 } from "node:buffer";
import { type Command, misused } from "../command.js";
import { fileBytes } from "../files.js";

/** `/file PATH [text|binary]` */
export const file: Command = {
  name: "file",
  takes: "FILE [text|binary]",
  summary: "send a file as one message: as text if it is UTF-8, unless told",
  completes: "file",
  run: async ({ link }, rest) => {
    const [, name = "", type] = /^(.*?)(?:\s+(text|binary))?$/s.exec(rest) ?? [];
    if (name === "") throw misused(file, "which file?");
    const data = await fileBytes(name);
    if (type === "text" && !isUtf8(data)) throw misused(file, "it is not UTF-8: no text message");
    return link.send({ data, binary: type === undefined ? !isUtf8(data) : type === "binary" });
  },
};
