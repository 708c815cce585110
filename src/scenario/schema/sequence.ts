/** Owns the schema of a service's own numbers, by which losses are seen. */
import { z } from "zod";
import { choice, count, jsonPath } from "./kinds.js";
import { match } from "./match.js";

/** Where messages say who sent them, and the how manieth of that sender they are. */
export const sequence = z
  .strictObject({
    sender: jsonPath("Who sent it; without this key the server is the only sender.").optional(),
    number: jsonPath("A whole number that grows by one with each message of a sender."),
    of: jsonPath("What a sender counts apart, such as a room: $.room.").optional(),
    match: match.optional(),
    start: count("The number of each sender's first message; whatever comes first unless told.", {
      from: 0,
    }).optional(),
    per: choice(
      "sender: it goes on counting whatever becomes of connections. connection: it begins anew on each.",
      ["sender", "connection"],
    ).optional(),
  })
  .meta({
    id: "sequence",
    title: "a sequence such as { sender: $.from, number: $.seq }",
    description: "The service's own numbers, by which losses, duplicates and reorderings are seen.",
  });
