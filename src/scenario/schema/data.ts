/** Owns the schema of feeders: files with a row for each user. */
import { z } from "zod";
import { byName, choice, filled, mostMembers, name } from "./kinds.js";

const feeder = z
  .strictObject({
    path: filled("A file in the scenario's folder.", "users.csv"),
    format: choice("Told by the file's name unless said.", ["csv", "json", "jsonl"]).optional(),
    order: choice("Which row a user gets; unique: no row twice.", [
      "sequence",
      "random",
      "unique",
    ]).optional(),
  })
  .meta({ id: "feeder", title: "a feeder such as { path: users.csv }" });

/** Feeders by name: `users.token` is the column token of users. */
export const data = byName(
  name("What templates call it.", "users"),
  z
    .union([filled("A file in the scenario's folder.", "users.csv"), feeder])
    .meta({ title: "a file such as users.csv, or { path: users.csv, order: unique }" }),
).meta({
  maxProperties: mostMembers,
  title: "feeders such as { users: { path: users.csv } }",
  description: "Files with a row for each user.",
});
