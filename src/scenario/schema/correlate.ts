/** Owns the schema of correlation: how a reply finds its send. */
import { z } from "zod";
import { choice, duration, jsonPath, wholeCheck } from "./kinds.js";

/** How a reply finds its send. */
export const correlate = z
  .strictObject({
    by: choice(
      "id: the same value in request and reply. stamp: a stamp in the message. order: the n-th reply answers the n-th send. none: not at all.",
      ["id", "stamp", "order", "none"],
    ),
    request: jsonPath("With id: the value in the request.").optional(),
    response: jsonPath(
      "With id: the value in the reply; as in the request unless told.",
    ).optional(),
    timeout: duration("How long a reply may take; 5s unless told.", {
      from: 1,
      to: 86_400_000,
    }).optional(),
  })
  .check(
    wholeCheck(({ by, request, response }) => {
      if (by === "id") {
        return request === undefined
          ? {
              message: "by: id needs request",
              hint: "write it like request: $.id",
              isDerived: true,
            }
          : undefined;
      }
      if (request === undefined && response === undefined) return undefined;
      const key = request === undefined ? "response" : "request";
      return { message: `${key} goes with by: id`, hint: "leave it out", path: [key] };
    }),
  )
  .meta({
    id: "correlate",
    title: "a correlation such as { by: id, request: $.id, response: $.id }",
    description: "How a reply finds its send.",
  });
