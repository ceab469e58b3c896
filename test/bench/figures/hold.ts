import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';
import {
  decodePlainPage,
  decodeSessionPage,
  SessionPageWriter,
} from '../../../src/session/codec/session-page.js';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {generatedSession} from '../../support/generated-gate.js';
import {atMost, type BenchOptions, type Figure, mb, ms, type Suite} from '../figure.js';

const inPage = 1900;

/** All sessions kept in the client: as pages whose rows are built when asked for, and as objects. */
export const holdSuite: Suite = {name: 'hold', run: measure};

async function measure({quick}: BenchOptions): Promise<Figure[]> {
  const count = quick ? 100_000 : 1_000_000;
  const pages = Array.from({length: Math.ceil(count / inPage)}, (_, at) => pageOf(at * inPage));
  const wireBytes = pages.reduce((sum, page) => sum + page.length, 0);
  const encoded = held(() => pages.map((page) => decodeSessionPage(Buffer.from(page))));
  const built = held(() =>
    pages.map((page) => {
      const {rows} = decodePlainPage(Buffer.from(page));
      return rows;
    }),
  );
  return [
    {
      name: `${pages.length * inPage} sessions held in the client`,
      value: mb(encoded.bytes),
      floor: `on the wire ${mb(wireBytes)}`,
      ratio: encoded.bytes / wireBytes,
      target: atMost(1.5, 1.1),
    },
    {
      name: 'the same as objects, and how much longer they take to make',
      value: `${mb(built.bytes)}, ${ms(built.ms)}`,
      floor: `held as they came ${mb(encoded.bytes)}, ${ms(encoded.ms)}`,
      ratio: built.ms / encoded.ms,
    },
  ];
}

/** Bytes that are there more with what was made than without it, collected before and after. */
function held<T>(make: () => readonly T[]): {readonly bytes: number; readonly ms: number} {
  collect();
  const before = inUse();
  const started = performance.now();
  const made = make();
  const took = performance.now() - started;
  collect();
  const bytes = inUse() - before;
  if (made.length === 0) throw new Error('nothing was made');
  return {bytes, ms: took};
}

function inUse(): number {
  const {heapUsed, external} = process.memoryUsage();
  return heapUsed + external;
}

function collect(): void {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  gc();
  gc();
}

function pageOf(from: number): Buffer {
  const writer = new SessionPageWriter();
  for (let at = from; at < from + inPage; at += 1) {
    const session = encodeSession(generatedSession(at, 'Gate@ef3baf91ee4eda8d'));
    writer.add({
      session,
      connectedAt: 1_770_000_000_000,
      lastActiveAt: 1_770_000_100_000,
      received: at,
      sent: at,
    });
  }
  return writer.finish('cursor', {now: 1_770_000_000_000});
}
