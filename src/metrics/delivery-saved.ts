/** Owns how the account of deliveries is read back from a saved result. */
import { z } from "zod";
import { mostExamples, mostWorst } from "./delivery.js";

const count = z.number().min(0);
const name = z.string().max(1000);
const fates = {
  delivered: count,
  lost: count,
  missed: count,
  duplicate: count,
  reordered: count,
  corrupt: count,
};
const group = <Row extends z.ZodType>(row: Row) =>
  z.object({ known: count, amiss: count, worst: z.array(row).max(mostWorst) });
const party = group(z.object({ who: name, ...fates }));

/** What is told of a result; of each list no more than wsctl itself writes. */
export const savedDelivery = z.object({
  by: z.enum(["stamp", "sequence"]),
  senders: party,
  receivers: party,
  pairs: group(z.object({ from: name, to: name, ...fates })),
  examples: z
    .array(
      z.object({
        what: z.enum(["lost", "duplicate", "reordered", "corrupt"]),
        from: name.optional(),
        to: name,
        first: count.optional(),
        last: count.optional(),
        count,
        at: count,
        where: z.enum(["connected", "reconnect"]),
      }),
    )
    .max(mostExamples * 5),
  others: count,
});
