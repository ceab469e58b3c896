import {closeSync, promises as fs, openSync, readSync} from 'node:fs';

/** Configuration, credentials and certificates are never nearly this large. */
export const defaultMaxFileBytes = 4 * 1024 * 1024;

/** All bytes of a file. Rejects with the system's error, or with code EFBIG beyond the limit, as /dev/zero would be. */
export async function readBoundedFile(name: string, maxBytes = defaultMaxFileBytes): Promise<Buffer> {
  const handle = await fs.open(name, 'r');
  try {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of handle.createReadStream({autoClose: false, end: maxBytes})) {
      chunks.push(chunk);
      size += chunk.length;
    }
    if (size > maxBytes) throw tooLarge(maxBytes);
    return Buffer.concat(chunks, size);
  } finally {
    await handle.close();
  }
}

/** The same at once, where a short command can't afford promises of files. */
export function readBoundedFileSync(name: string, maxBytes = defaultMaxFileBytes): Buffer {
  const handle = openSync(name, 'r');
  try {
    let bytes = Buffer.allocUnsafe(64 * 1024);
    for (let size = 0; ; ) {
      const count = readSync(handle, bytes, size, bytes.length - size, null);
      size += count;
      if (size > maxBytes) throw tooLarge(maxBytes);
      if (count === 0) return bytes.subarray(0, size);
      if (size === bytes.length) bytes = Buffer.concat([bytes, Buffer.allocUnsafe(size)]);
    }
  } finally {
    closeSync(handle);
  }
}

const tooLarge = (maxBytes: number): Error =>
  Object.assign(new Error(`larger than ${maxBytes} bytes`), {code: 'EFBIG'});
