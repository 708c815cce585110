/** Shows that every malformed scenario is refused at the right place, in words that help. */
import { afterAll, describe, expect, test } from "vitest";
import { malformed } from "./malformed.js";
import { ScenarioFolder } from "./scenario-files.js";

const folder = new ScenarioFolder({
  "users.csv": "name,token\nann,t1\nbob,t2\n",
  "users.txt": "a",
});
afterAll(() => {
  folder.remove();
});

describe("a mistake is told with its place", () => {
  test.each(malformed.map((each) => [each.what, each] as const))("%s", async (_what, each) => {
    const at = each.text.indexOf("¦");
    const before = each.text.slice(0, at).split("\n");
    const place = `load.yaml:${before.length}:${before.at(-1)!.length + 1}`;
    const mistakes = await folder.mistakes(each.text.replace("¦", ""));
    const found = mistakes.find((mistake) => mistake.place === place);
    expect(mistakes.map((mistake) => `${mistake.place}: ${mistake.message}`)).toContainEqual(
      expect.stringContaining(`${place}: `),
    );
    expect(`${found!.message}\n${found!.hint ?? ""}`).toMatch(each.words);
    expect(
      mistakes.every(({ message }) => !/[Ii]nvalid input|undefined|\[object/.test(message)),
    ).toBe(true);
    expect(mistakes).toHaveLength(1);
    expect(JSON.stringify(mistakes)).not.toContain("s3cret");
  });
});

test("there are enough of them", () => {
  expect(malformed.length).toBeGreaterThan(100);
});
