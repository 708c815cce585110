/** Shows that a missing package is never passed over in silence. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { requireDebian, succeeds } from "./debian.js";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test("a program succeeds only when it is there and ends with 0", () => {
  expect(succeeds(process.execPath, ["--eval", ""])).toBe(true);
  expect(succeeds(process.execPath, ["--eval", "process.exit(1)"])).toBe(false);
  expect(succeeds("/nonexistent/program", [])).toBe(false);
});

describe("a package that is", () => {
  test("there is not installed", () => {
    const probe = vi.fn(() => true);
    expect(requireDebian("wsctl-no-such-package", probe)).toBe(true);
    expect(probe).toHaveBeenCalledOnce();
  });

  test("missing and cannot be installed skips, and says how to get it", () => {
    vi.stubEnv("CI", "");
    vi.stubEnv("PATH", "/nonexistent");
    const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    expect(requireDebian("wsctl-no-such-package", () => false)).toBe(false);
    expect(write.mock.calls.join("")).toMatch(
      /SKIPPED: .*sudo apt-get install wsctl-no-such-package/,
    );
  });

  test("missing on CI fails", () => {
    vi.stubEnv("CI", "true");
    vi.stubEnv("PATH", "/nonexistent");
    expect(() => requireDebian("wsctl-no-such-package", () => false)).toThrow(
      /need the Debian package wsctl-no-such-package/,
    );
  });
});
