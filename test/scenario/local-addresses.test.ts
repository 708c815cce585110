/** Shows that files name addresses to leave from as flags do, and that mistakes are told with their place. */
import { afterAll, expect, test } from "vitest";
import { ScenarioFolder } from "./scenario-files.js";

const folder = new ScenarioFolder({});
afterAll(() => {
  folder.remove();
});

const leaving = (from: string): string =>
  `config:
  target: ws://127.0.0.1:1/
  load: { connections: 2, duration: 10s }
  connection:
    localAddress: ${from}
flow:
  - send: a
`;

test("blocks, ranges and addresses stay in the plan as they are written", async () => {
  const plan = await folder.plan(leaving("[127.0.0.0/28, 127.0.1.1-127.0.1.20, ::1]"));
  expect(plan.connection.localAddress).toEqual(["127.0.0.0/28", "127.0.1.1-127.0.1.20", "::1"]);
  expect((await folder.plan(leaving("fd00::/124"))).connection.localAddress).toEqual([
    "fd00::/124",
  ]);
});

test.each([
  ["127.0.0.0/33", "5:19", /0 to 32.*127\.0\.0\.0\/28/],
  ["[127.0.0.1, here]", "5:31", /"here" is not a local address.*127\.0\.0\.1-127\.0\.0\.20/],
  ["[10.0.0.0/8]", "5:20", /16.777.214 addresses; at most 65.536/],
])("%s is refused at its place", async (from, place, told) => {
  const mistakes = await folder.mistakes(leaving(from));
  expect(mistakes).toHaveLength(1);
  expect(mistakes[0]!.place).toBe(`load.yaml:${place}`);
  expect(`${mistakes[0]!.message} ${mistakes[0]!.hint}`).toMatch(told);
});

test("too many together are refused as well", async () => {
  await expect(folder.plan(leaving("[10.0.0.0/16, 10.1.0.0/29]"))).rejects.toThrow(
    /65.540 addresses; at most 65.536/,
  );
});
