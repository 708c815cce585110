/** Shows that a file grows by whole lines, whatever the disk does. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { AppendFile, type Fsync } from "../../src/recording/append-file.js";
import { failure, FakeDisk } from "./fake-disk.js";

let disk: FakeDisk;
const told: string[] = [];

function openFile(fsync: Fsync = "none"): AppendFile {
  return new AppendFile({
    disk,
    length: 0,
    fsync,
    drained: () => {},
    refused: (error) => told.push((error as Error).message),
    recovered: () => told.push("recovered"),
  });
}

beforeEach(() => {
  vi.useFakeTimers();
  disk = new FakeDisk();
  told.length = 0;
});

afterEach(() => {
  vi.useRealTimers();
});

/** Lets everything happen that waits for no timer. */
async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

test("what comes during a write goes out together in the next", async () => {
  const file = openFile();
  disk.hold();
  for (let n = 0; n < 100; n++) file.add(`${n}\n`);
  expect(file.pending).toBe(290);
  disk.release();
  await settle();
  expect(disk.writes).toBe(2);
  expect(file.pending).toBe(0);
  expect(file.length).toBe(290);
  expect(await file.finish()).toEqual([]);
  expect(disk.text).toBe(Array.from({ length: 100 }, (_, n) => `${n}\n`).join(""));
  expect(disk.isClosed).toBe(true);
});

test("short writes are continued", async () => {
  const file = openFile();
  disk.most = 3;
  file.add("žluťoučký\n");
  file.add("kůň\n");
  expect(await file.finish()).toEqual([]);
  expect(disk.text).toBe("žluťoučký\nkůň\n");
  expect(told).toEqual([]);
});

test("when the disk is full, whole lines stay, a torn one is cut off, and the rest is tried again", async () => {
  const file = openFile();
  disk.hold();
  file.add("a\n");
  disk.room = 10;
  for (const line of ["bbbb\n", "cccc\n", "dddd\n"]) file.add(line);
  disk.release();
  await settle();
  expect(told).toEqual(["ENOSPC"]);
  expect(file.isRefused).toBe(true);
  expect(disk.text).toBe("a\nbbbb\n");
  expect(file.length).toBe(7);
  file.add("e\n");
  await vi.advanceTimersByTimeAsync(5000);
  // Said once, tried on and on; what fits does not wait for what does not.
  expect(told).toEqual(["ENOSPC"]);
  expect(disk.text).toBe("a\nbbbb\n");
  disk.room = Infinity;
  await vi.advanceTimersByTimeAsync(1000);
  expect(told).toEqual(["ENOSPC", "recovered"]);
  expect(disk.text).toBe("a\nbbbb\ncccc\ndddd\ne\n");
  file.add("f\n");
  expect(await file.finish()).toEqual([]);
  expect(disk.text).toMatch(/e\nf\n$/);
});

test("what could not be cut off at once is cut off before anything else is written", async () => {
  const file = openFile();
  disk.most = 2;
  const write = disk.write.bind(disk);
  let writes = 0;
  disk.write = async (...given) => {
    if (++writes > 1) disk.error = failure("EIO");
    return write(...given);
  };
  file.add("long line\n");
  await settle();
  expect(told).toEqual(["EIO"]);
  expect(disk.text).toBe("lo");
  disk.write = write;
  disk.error = undefined;
  await vi.advanceTimersByTimeAsync(1000);
  expect(disk.text).toBe("long line\n");
  expect(file.length).toBe(10);
  await file.finish();
});

test("what cannot be written in the end is given back", async () => {
  const file = openFile();
  disk.room = 3;
  file.add("a\n");
  file.add("bb\n");
  file.add("c\n");
  expect(await file.finish()).toEqual(["bb\n", "c\n"]);
  expect(disk.text).toBe("a\n");
  expect(disk.isClosed).toBe(true);
  file.add("too late\n");
  await vi.advanceTimersByTimeAsync(5000);
  expect(disk.text).toBe("a\n");
});

test("there is one last try at the end", async () => {
  const file = openFile();
  disk.room = 0;
  file.add("a\n");
  await settle();
  expect(told).toEqual(["ENOSPC"]);
  disk.room = Infinity;
  expect(await file.finish()).toEqual([]);
  expect(disk.text).toBe("a\n");
});

test.each<[Fsync, number, number]>([
  ["none", 0, 0],
  ["1s", 1, 2],
  ["each", 4, 5],
])("fsync %s", async (fsync, beforeEnd, after) => {
  const file = openFile(fsync);
  for (let n = 0; n < 4; n++) {
    file.add("a\n");
    await vi.advanceTimersByTimeAsync(100);
  }
  await vi.advanceTimersByTimeAsync(5000);
  expect(disk.syncs).toBe(beforeEnd);
  file.add("b\n");
  await file.finish();
  expect(disk.syncs).toBe(fsync === "each" ? after + 1 : after);
});

test("a disk that loses what it took is told of, and the recording goes on", async () => {
  const file = openFile("1s");
  disk.sync = () => Promise.reject(failure("EIO"));
  file.add("a\n");
  await vi.advanceTimersByTimeAsync(1000);
  expect(told).toEqual(["EIO"]);
  file.add("b\n");
  await settle();
  expect(disk.text).toBe("a\nb\n");
  await file.finish();
});

test("what is added as soon as the disk has recovered is written too", async () => {
  const file: AppendFile = new AppendFile({
    disk,
    length: 0,
    fsync: "none",
    drained: () => {},
    refused: () => {},
    recovered: () => file.add("gap\n"),
  });
  disk.room = 0;
  file.add("a\n");
  await settle();
  disk.room = Infinity;
  await vi.advanceTimersByTimeAsync(1000);
  expect(disk.text).toBe("a\ngap\n");
  expect(await file.finish()).toEqual([]);
});

test("what another has written is neither written over nor cut off, and that is said", async () => {
  const file = openFile();
  file.add("a\n");
  await settle();
  disk.bytes = Buffer.concat([disk.bytes, Buffer.from("other\n")]);
  file.add("b\n");
  await settle();
  expect(told).toEqual(["something else writes to it"]);
  const finishing = file.finish();
  await settle();
  expect(await finishing).toEqual(["b\n"]);
  expect(disk.text).toBe("a\nother\n");
});

test("a disk that cannot be forced is told of once", async () => {
  const file = openFile("1s");
  disk.sync = async () => {
    throw failure("EIO");
  };
  for (let n = 0; n < 3; n++) {
    file.add("a\n");
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect(told).toEqual(["EIO"]);
  await file.finish();
});
