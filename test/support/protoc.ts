import {execFile, spawnSync} from 'node:child_process';
import {ProtobufWriter} from '../../src/session/codec/protobuf-writer.js';

const maxBuffer = 64 * 1024 * 1024;
const decoding = (message: string, file: string): string[] => [
  `--decode=basegate.${message}`,
  '--proto_path=test/vectors',
  file,
];

/** What protoc says of bytes that may be a session: its text of them, or undefined where it refuses. */
export function protocDecode(bytes: Uint8Array): string | undefined {
  const argv = decoding('sessionImp', 'session.proto');
  const {status, stdout} = spawnSync('protoc', argv, {input: bytes, maxBuffer});
  return status === 0 ? stdout.toString() : undefined;
}

/** protoc's text of each, asked once for all: none where it refuses a single one. */
export function protocDecodeMany(sessions: readonly Uint8Array[]): readonly string[] {
  const writer = new ProtobufWriter(4096);
  for (const bytes of sessions) writer.bytesField(1, bytes);
  const {stdout} = spawnSync('protoc', decoding('sessions', 'sessions.proto'), {
    input: writer.finish(),
    maxBuffer,
  });
  const blocks = stdout.toString().split(/^session \{$/m);
  return blocks.slice(1).map((block) => block.replaceAll(/^ {2}/gm, ''));
}

/** Those of them that protoc takes for sessions. */
export async function protocTakes(sessions: readonly Buffer[]): Promise<readonly Buffer[]> {
  const waiting = [...sessions];
  const taken: Buffer[] = [];
  const worker = async (): Promise<void> => {
    for (let bytes = waiting.pop(); bytes !== undefined; bytes = waiting.pop())
      if (await protocTakesOne(bytes)) taken.push(bytes);
  };
  await Promise.all(Array.from({length: 4}, worker));
  return taken;
}

function protocTakesOne(bytes: Uint8Array): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const protoc = execFile('protoc', decoding('sessionImp', 'session.proto'), (error) => {
      if (error === null || typeof error.code === 'number') resolve(error === null);
      else reject(error); // there is no protoc
    });
    protoc.stdin?.on('error', () => {}); // one that refuses early may close it
    protoc.stdin?.end(bytes);
  });
}

/** Fields by their numbers, without a schema. */
export function protocDecodeRaw(bytes: Uint8Array): string {
  return spawnSync('protoc', ['--decode_raw'], {input: bytes}).stdout.toString();
}
