/** Shows that a variable which a scenario does not know is refused, however it is set. */
import { afterAll, describe, expect, test } from "vitest";
import { ScenarioFolder } from "./scenario-files.js";

const folder = new ScenarioFolder({ "users.csv": "name\nann\n" });
afterAll(() => {
  folder.remove();
});

const scenario = `config:
  target: ws://127.0.0.1:1/
  variables: { room: lobby, rooms: [a, b] }
  data: { users: users.csv }
  load: { connections: 1, duration: 1s }
flow:
  - send: "{{ room }} {{ $pick(rooms) }} {{ kinds }} {{ users.name }}"
  - loop: { while: { var: more, equals: true }, flow: [{ think: 1s }] }
`;
const needed = [["kinds", "[1]"] as const, ["more", "true"] as const];
const given = (name: string, value: string) => ({
  variables: new Map([...needed, [name, value] as const]),
});

test.each(["room", "rooms", "kinds", "more"])("%s is one of it", async (name) => {
  expect(await folder.mistakes(scenario, given(name, "[1]"))).toEqual([]);
});

describe("refused", () => {
  test.each([
    ["rom", "did you mean room?"],
    ["nothing-like-it", /^there are room, rooms, kinds, more$/],
    ["users", /^there are/],
  ])("%s", async (name, hint) => {
    const mistakes = await folder.mistakes(scenario, given(name, "x"));
    expect(mistakes).toMatchObject([
      { place: "--var", message: `the scenario has no variable "${name}"`, line: "" },
    ]);
    expect(mistakes[0]!.hint).toMatch(hint);
  });

  test("one of the environment, by its own name", async () => {
    const variables = new Map([["rom", "x"], ...needed]);
    const overrides = { variables, variablesOfEnv: new Set(["rom"]) };
    await expect(folder.read(scenario, overrides)).rejects.toThrow(
      /^WSCTL_VAR_rom: the scenario has no variable "rom"$/,
    );
  });
});

test("what was cut out of the file may have been where it is used", async () => {
  const text = scenario.replace("  - loop:", '  - sned: "{{ token }}"\n  - loop:');
  const mistakes = await folder.mistakes(text, given("token", "x"));
  expect(mistakes.map(({ message }) => message)).toEqual(['flow[1] has no key "sned"']);
});
