import {closeSync, promises as fs, openSync, readSync, statSync} from 'node:fs';

/** Much larger than any configuration, credentials or certificate file. */
const defaultMaxFileBytes = 4 * 1024 * 1024;

/**
 * Reads a whole file. Rejects with the system's error, or with code EFBIG if it is larger than `maxBytes`. Also ends for endless
 * files such as /dev/zero.
 */
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

/** Reads a whole file synchronously, like `readBoundedFile`. Using `fs.promises` would take 3 ms. */
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

/** Reads a regular file. Throws for any other kind of file, because opening a named pipe would block until it has a writer. */
export function readRegularFileSync(name: string, maxBytes = defaultMaxFileBytes): Buffer {
  if (!statSync(name).isFile()) throw new Error('not a regular file');
  return readBoundedFileSync(name, maxBytes);
}
