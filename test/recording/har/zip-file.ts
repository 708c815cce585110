/** Owns zip archives made for tests: as Playwright's, or with lies in them. */
import { crc32, deflateRawSync } from "node:zlib";

/** A file of the archive, and what is said of it that is not so. */
export interface ZipMember {
  readonly name: string;
  readonly bytes: Buffer;
  readonly claimedSize?: number;
  readonly claimedCrc?: number;
}

/** The bytes of an archive (APPNOTE 4.3), every file deflated. */
export function zipFile(members: readonly ZipMember[]): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes, claimedSize, claimedCrc } of members) {
    const packed = deflateRawSync(bytes);
    const called = Buffer.from(name);
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0);
    facts.writeUInt16LE(0x800, 2);
    facts.writeUInt16LE(8, 4);
    facts.writeUInt32LE(claimedCrc ?? crc32(bytes), 10);
    facts.writeUInt32LE(packed.length, 14);
    facts.writeUInt32LE(claimedSize ?? bytes.length, 18);
    facts.writeUInt16LE(called.length, 22);
    const local = Buffer.concat([Buffer.from("504b0304", "hex"), facts, called, packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    const made = Buffer.from("504b01021400", "hex");
    centrals.push(Buffer.concat([made, facts, tail, called]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.writeUInt32BE(0x504b0506, 0);
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}
