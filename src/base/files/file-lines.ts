import {open} from 'node:fs/promises';
import {errorCode} from '../error-details.js';
import {DecodeError, UsageError} from '../errors.js';
import {type GatectlErrorClass, type LineSplitterOptions, splitLines} from '../split-lines.js';

interface FileLineOptions extends Omit<LineSplitterOptions, 'source'> {
  /** Hint of the error if the file can't be read. */
  readonly hint?: string | undefined;
  /** Whether to decompress a file that starts with the gzip magic number, whatever its name. */
  readonly gunzip?: boolean | undefined;
}

const chunkBytes = 256 * 1024;

/**
 * Yields the lines of a file, up to its size when it was opened, even if it grows. Rejects with UsageError if it can't be read,
 * and with `LineError` if it is damaged.
 */
export async function* readFileLines(
  name: string,
  {hint, gunzip = false, ...options}: FileLineOptions = {},
): AsyncGenerator<string, void, undefined> {
  const chunks = bytesOfFile(name, hint);
  const {LineError = DecodeError} = options;
  const expanded = gunzip ? gunzipped(chunks, name, LineError) : chunks;
  yield* splitLines(expanded, {...options, source: `"${name}"`});
}

async function* bytesOfFile(name: string, hint: string | undefined): AsyncGenerator<Buffer, void, undefined> {
  try {
    const handle = await open(name, 'r');
    try {
      const stat = await handle.stat();
      const end = stat.isFile() && stat.size > 0 ? {end: stat.size - 1} : {};
      yield* handle.createReadStream({autoClose: false, highWaterMark: chunkBytes, ...end});
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw unreadable(name, hint, cause);
  }
}

function unreadable(name: string, hint: string | undefined, cause: unknown): unknown {
  const code = errorCode(cause);
  if (code === undefined) return cause;
  if (code === 'ENOENT') return new UsageError(`cannot read "${name}": no such file`, {hint, cause});
  return new UsageError(`cannot read "${name}": ${code}`, {hint, cause});
}

/** Decompresses chunks that start with the gzip magic number. Passes other chunks through. */
async function* gunzipped(
  chunks: AsyncGenerator<Buffer, void, undefined>,
  name: string,
  LineError: GatectlErrorClass,
): AsyncGenerator<Buffer, void, undefined> {
  const first = await chunks.next();
  if (first.done === true) return;
  const all = startingWith(first.value, chunks);
  if (first.value[0] !== 0x1f || first.value[1] !== 0x8b) return yield* all;
  const [{createGunzip}, {Readable, pipeline}] = await Promise.all([
    import('node:zlib'),
    import('node:stream'),
  ]);
  const expanding = createGunzip({chunkSize: chunkBytes});
  pipeline(Readable.from(all, {objectMode: false}), expanding, () => {}); // errors arrive at `expanding`
  try {
    yield* expanding;
  } catch (cause) {
    const code = errorCode(cause) ?? '';
    throw /^Z_|ZLIB/.test(code) ? new LineError(`"${name}" is damaged: ${code}`, {cause}) : cause;
  }
}

async function* startingWith(
  first: Buffer,
  rest: AsyncGenerator<Buffer, void, undefined>,
): AsyncGenerator<Buffer, void, undefined> {
  try {
    yield first;
    yield* rest;
  } finally {
    await rest.return();
  }
}
