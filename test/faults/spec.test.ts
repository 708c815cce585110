import { describe, expect, test } from "vitest";
import { WsctlError } from "../../src/base/errors.js";
import { faultKinds } from "../../src/faults/fault-kinds.js";
import { parseSpec } from "../../src/faults/spec.js";
import { setOf } from "./rig.js";

function mistake(spec: string): WsctlError {
  try {
    setOf([spec]);
  } catch (error) {
    if (error instanceof WsctlError) return error;
    throw error;
  }
  throw new Error(`"${spec}" was accepted`);
}

describe("the grammar", () => {
  test.each([
    ["drop", { name: "drop", value: undefined, schedule: {} }],
    [
      "stall=2s,at=10s",
      { name: "stall", value: "2s", schedule: { at: { unit: "ms", amount: 10_000 } } },
    ],
    [
      "drop, p=1%, count=10k",
      { name: "drop", value: undefined, schedule: { p: 0.01, count: 10_000 } },
    ],
    [
      "drop,p=.5,every=2k",
      {
        name: "drop",
        value: undefined,
        schedule: { p: 0.5, every: { unit: "opportunities", amount: 2000 } },
      },
    ],
    [
      "dup,at=5m,every=100ms",
      {
        name: "dup",
        value: undefined,
        schedule: { at: { unit: "ms", amount: 300_000 }, every: { unit: "ms", amount: 100 } },
      },
    ],
    [
      "latency=10ms±5ms,for=5s",
      {
        name: "latency",
        value: "10ms±5ms",
        schedule: { for: { unit: "ms", amount: 5000 }, at: { unit: "ms", amount: 0 } },
      },
    ],
    ["upgrade-301=http://a/?b=c", { name: "upgrade-301", value: "http://a/?b=c", schedule: {} }],
  ])("%s", (spec, expected) => {
    expect(parseSpec(spec)).toEqual(expected);
  });

  test.each([
    ["", "needs a name"],
    ["drop,", "no option"],
    ["drop,q=1", "no option"],
    ["drop,p", "needs a value"],
    ["drop,p=", "needs a value"],
    ["drop,p=2", "not a probability"],
    ["drop,p=101%", "not a probability"],
    ["drop,p=-1%", "not a probability"],
    ["drop,p=1e-3", "not a probability"],
    ["drop,p=1%,p=2%", "twice"],
    ["drop,at=0", "never comes"],
    ["drop,for=0s", "over at once"],
    ["drop,at=soon", "not a duration"],
    ["drop,every=0s", "no end"],
    ["drop,every=0", "never comes"],
    ["drop,count=0", "never comes"],
    ["drop,count=many", "not a whole number"],
    ["drop=5", "takes no value"],
    ["delay=5", "not a duration"],
    ["delay=", "not a duration"],
    ["rsv=4", "none of"],
    ["bad-opcode=9", "none of"],
    ["corrupt=all", "neither"],
    ["idle-kill=0", "no time"],
    ["upgrade-503=soon", "not a duration"],
    ["upgrade-401=x", "takes no value"],
    ["upgrade-301=a b", "cannot stand in a header"],
    ["upgrade-301=a\r\nSet-Cookie: b", "cannot stand in a header"],
    ["upgrade-101", "no fault"],
    ["close-1005", "no fault"],
    ["close-CODE", "no fault"],
    ["close-", "no fault"],
    ["drop-5", "no fault"],
    ["__proto__", "no fault"],
  ])("%j is refused: %s", (spec, message) => {
    const { code, message: said, hint, where } = mistake(spec);
    expect(code).toBe("WSCTL_EUSAGE");
    expect(said).toContain(message);
    expect(hint).toBeTruthy();
    expect(where).toHaveLength(1);
  });

  test.each([
    ["dorp", "drop"],
    ["close-101", "close-1001"],
    ["upgrade-20", "upgrade-200"],
    ["drop,evry=5", "every="],
  ])("%s: did you mean %s?", (spec, guess) => {
    expect(mistake(spec).hint).toBe(`did you mean ${guess}?`);
  });

  test("what is hostile in a spec is shown, not obeyed", () => {
    const { message, where } = mistake("\u001b[2Jdrop,\u001b]0;x=1");
    expect(`${message}${where.join("")}`).not.toContain("\u001b");
  });

  test("a bad spec leaves the set as it was", () => {
    const set = setOf(["drop"]);
    expect(() => set.add("dorp")).toThrow(WsctlError);
    expect(set.list()).toEqual([{ id: 1, spec: "drop", name: "drop", fired: 0 }]);
    expect(set.add("dup").id).toBe(2);
  });
});

describe("the catalogue", () => {
  test.each([...faultKinds])("%s says what it does, and its examples work", (name, kind) => {
    expect(kind.summary).not.toBe("");
    expect(kind.reveals).not.toBe("");
    const numbers = kind.numbers?.examples ?? [0];
    for (const number of numbers) {
      const written = name.replace(/[A-Z]+$/, String(number));
      const [first] = setOf([`${written},p=0`]).list();
      expect(first?.name).toBe(written);
    }
    if (kind.value && name !== "upgrade-STATUS") {
      const written = name.replace(/[A-Z]+$/, String(numbers[0]));
      expect(setOf([`${written}=${kind.value.example},p=0`]).list()).toHaveLength(1);
    }
  });
});
