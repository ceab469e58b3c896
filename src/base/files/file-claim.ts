import {createHash} from 'node:crypto';
import {promises as fs} from 'node:fs';
import {createConnection, createServer, type Server} from 'node:net';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {pid, platform} from 'node:process';
import {setTimeout as sleep} from 'node:timers/promises';
import {monotonicMs} from '../clock.js';
import {ConflictError} from '../errors.js';

/** An exclusive claim on a file. Lasts until `release` or the end of the process, even by a crash. */
export interface FileClaim {
  release(): Promise<void>;
}

/**
 * Claims an existing file by device and inode, so that symbolic and hard links to it are claimed, too. Rejects with a
 * ConflictError that names the process holding the claim, or with the system's error.
 */
export async function claimFile(name: string): Promise<FileClaim> {
  const {dev, ino} = await fs.stat(name, {bigint: true});
  return await claim(name, `file ${dev} ${ino}`);
}

/** Claims a file name in a folder, before a file is renamed to it. Rejects like `claimFile`. */
export async function claimName(name: string): Promise<FileClaim> {
  const {dev, ino} = await fs.stat(path.dirname(name), {bigint: true});
  return await claim(name, `name ${dev} ${ino} ${path.basename(name)}`);
}

/**
 * Claims by listening on an address derived from the file. The kernel allows one listener, and frees the address when its
 * process ends, so a lock is never stale. A second address contains the process id, readable even if that process is stopped.
 */
async function claim(name: string, identity: string): Promise<FileClaim> {
  const lock = `gatectl-lock-${createHash('sha256').update(identity).digest('hex').slice(0, 32)}`;
  const held = await listen(lock);
  if (held === undefined) {
    const holder = await holderOf(lock);
    throw new ConflictError(`"${name}" is in use by ${holder ?? 'another process'}`, {
      hint: 'wait until it ends, or stop it',
    });
  }
  const sign = platform === 'linux' ? await listen(`${lock}-pid-${pid}`) : undefined;
  return {release: async () => await Promise.all([held, sign].map(closed)).then(() => {})};
}

/** Returns an abstract address on Linux, padded to the maximum length because Node versions pad shorter ones differently. */
const addressOf = (lock: string): string =>
  platform === 'linux' ? `\0${lock.padEnd(107, '-')}` : path.join(tmpdir(), `${lock}.sock`);

/** Listens on a lock's address. Returns undefined if another process does. */
async function listen(lock: string): Promise<Server | undefined> {
  const address = addressOf(lock);
  return (await tryListen(address)) ?? ((await isAbandoned(address)) ? await tryListen(address) : undefined);
}

function tryListen(address: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy()).unref();
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    server.listen({path: address, exclusive: true}, () => resolve(server));
  });
}

/** Whether no process listens on a socket file; if so, removes it. Abstract addresses have no file. */
async function isAbandoned(address: string): Promise<boolean> {
  if (address.startsWith('\0')) return false;
  const answers = await new Promise<boolean>((resolve) => {
    const socket = createConnection(address, () => resolve(true)).once('error', () => resolve(false));
    socket.once('close', () => socket.destroy());
  });
  if (!answers) await fs.rm(address, {force: true});
  return !answers;
}

const closed = (server: Server | undefined): Promise<void> =>
  new Promise((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));

/** How long a holder may take to listen on its second address after the first, in milliseconds. */
const signWaitMs = 500;

/** Returns the holder of a lock as `process 123`, from Linux's list of socket addresses; undefined if unknown. */
async function holderOf(lock: string): Promise<string | undefined> {
  const sign = new RegExp(`@${lock}-pid-(\\d+)-`);
  const end = monotonicMs() + signWaitMs;
  while (platform === 'linux') {
    const addresses = await fs.readFile('/proc/net/unix', 'utf8').catch(() => '');
    const holder = sign.exec(addresses)?.[1];
    if (holder !== undefined) return `process ${holder}`;
    if (monotonicMs() >= end) break;
    await sleep(10);
  }
  return undefined;
}
