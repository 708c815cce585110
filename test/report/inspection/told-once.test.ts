/** Shows that what several texts say in the same words is told once. */
import { expect, test } from "vitest";
import { toldOnce } from "../../../src/report/inspection/told-once.js";

const map =
  'nginx: in http: map $server_protocol:$http_connection $connection_upgrade { default close; "~*^HTTP/1.1:.*upgrade" upgrade; } and beside proxy_pass: proxy_set_header Connection $connection_upgrade;';

test("a long passage is told once, and what it is about twice", () => {
  expect(
    toldOnce([`Refuse what is not HTTP/1.1. ${map}`, `Look at Connection. ${map} There it is.`]),
  ).toEqual([
    `Refuse what is not HTTP/1.1. ${map}`,
    "Look at Connection. nginx: as above. There it is.",
  ]);
});

test("what is told at the end needs nothing after it", () => {
  expect(toldOnce([map, `First this. ${map}`])[1]).toBe("First this. nginx: as above.");
});

test.each([
  [[]],
  [["alone"]],
  [["a short one in common", "a short one in common, and more"]],
  [["x".repeat(2000), `${"x".repeat(2000)}y`]],
])("others stay as they are: %#", (texts) => {
  expect(toldOnce(texts)).toEqual(texts);
});
