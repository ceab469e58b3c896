import {createReadStream} from 'node:fs';
import {open} from 'node:fs/promises';
import {StringDecoder} from 'node:string_decoder';
import {createGunzip} from 'node:zlib';
import {DecodeError, UsageError} from '../../errors.js';

/** No session that a gate can send is nearly so long. */
const longestLine = 64 * 1024 * 1024;

/** The lines of a file, which may be gzipped whatever its name. Rejects with UsageError and DecodeError. */
export async function* linesOf(file: string): AsyncGenerator<string, void, undefined> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  try {
    for await (const chunk of await bytesOf(file)) {
      const lines = (rest + decoder.write(chunk)).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > longestLine) throw new DecodeError(`"${file}" has a line without an end`);
      yield* lines;
    }
  } catch (cause) {
    throw translated(cause, file);
  }
  if (rest !== '') yield rest;
}

async function bytesOf(file: string): Promise<AsyncIterable<Buffer>> {
  const zipped = await isGzip(file); // which says that there is a file before a stream could
  const bytes = createReadStream(file, {highWaterMark: 256 * 1024});
  if (!zipped) return bytes;
  const unzipped = createGunzip();
  bytes.on('error', (error) => unzipped.destroy(error));
  return bytes.pipe(unzipped);
}

async function isGzip(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const {buffer} = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await handle.close();
  }
}

function translated(cause: unknown, file: string): unknown {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'ENOENT')
    return new UsageError(`there is no file "${file}"`, {hint: 'gatectl snapshot list', cause});
  if (/^Z_|^ERR_.*ZLIB/.test(code)) return new DecodeError(`"${file}" is damaged: ${code}`, {cause});
  if (code !== '') return new UsageError(`cannot read "${file}": ${code}`, {cause});
  return cause;
}
