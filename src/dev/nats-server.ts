import {access, constants, mkdtemp, readdir, readFile, rm} from 'node:fs/promises';
import {platform, tmpdir} from 'node:os';
import path from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {timeoutSignal} from '../base/abort-signals.js';
import {UnreachableError} from '../base/errors.js';
import {type StartedProgram, startProgram} from './start-program.js';

interface NatsServer {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Finds `nats-server` in PATH; undefined if missing, and on Windows, which lacks the shell used to supervise it. */
export async function findNatsServer(searchPath: string): Promise<string | undefined> {
  if (platform() === 'win32') return undefined;
  for (const folder of searchPath.split(path.delimiter).filter(path.isAbsolute)) {
    const file = path.join(folder, 'nats-server');
    const runs = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return file;
  }
  return undefined;
}

/** Starts nats-server on a free loopback port. Resolves once it listens. Rejects with UnreachableError. */
export async function startNatsServer(program: string, startTimeoutMs = 15_000): Promise<NatsServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'gatectl-nats-'));
  const child = await startProgram([program, '-a', '127.0.0.1', '-p', '-1', '--ports_file_dir', folder]);
  const stop = async () => {
    await child.stop();
    await rm(folder, {recursive: true, force: true});
  };
  try {
    return {url: await listeningUrl(folder, child, startTimeoutMs), pid: child.pid, stop};
  } catch (error) {
    await stop();
    throw new UnreachableError(`"${program}" did not start`, {
      hint: 'gatectl dev --embedded-bus',
      cause: error,
    });
  }
}

/** Waits for the file in which the server reports its URLs, which is the only way to learn its port. */
async function listeningUrl(folder: string, child: StartedProgram, timeoutMs: number): Promise<string> {
  const deadline = timeoutSignal(timeoutMs);
  while (!child.ended.aborted && !deadline.aborted) {
    const [file] = (await readdir(folder)).filter((name) => name.endsWith('.ports'));
    const url = file === undefined ? undefined : urlIn(await readFile(path.join(folder, file), 'utf8'));
    if (url !== undefined) return url;
    await delay(10);
  }
  throw new Error(child.ended.aborted ? 'it exited' : `it reported no port within ${timeoutMs} ms`);
}

/** Returns the server's URL; undefined while the file is incomplete. */
function urlIn(text: string): string | undefined {
  return /nats:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0];
}
