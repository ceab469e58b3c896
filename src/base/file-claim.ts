import {createHash} from 'node:crypto';
import {promises as fs} from 'node:fs';
import {createConnection, createServer, type Server} from 'node:net';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {pid, platform} from 'node:process';
import {ConflictError} from './errors.js';

/** A file that this process alone uses, until it is released or the process ends, however it ends. */
export interface FileClaim {
  release(): Promise<void>;
}

/**
 * Claims a file that exists, by device and inode: the same file under another name, through a symbolic or a hard link, is
 * claimed too. Rejects with ConflictError that names the process that has it, and with the system's error.
 */
export async function claimFile(name: string): Promise<FileClaim> {
  const {dev, ino} = await fs.stat(name, {bigint: true});
  return await claim(name, `file ${dev} ${ino}`);
}

/** Claims a name in a folder, which a file is to be renamed to. Rejects as `claimFile` does. */
export async function claimName(name: string): Promise<FileClaim> {
  const {dev, ino} = await fs.stat(path.dirname(name), {bigint: true});
  return await claim(name, `name ${dev} ${ino} ${path.basename(name)}`);
}

/**
 * The kernel lets one process at a time listen on an address, and frees it when that process ends: no lock is ever stale.
 * A second address tells which process it is, even one that is stopped and answers nothing.
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

/** An abstract address on Linux; as long as one can be, because Node pads shorter ones or doesn't, by its version. */
const addressOf = (lock: string): string =>
  platform === 'linux' ? `\0${lock.padEnd(107, '-')}` : path.join(tmpdir(), `${lock}.sock`);

/** Undefined when another process listens there. */
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

/** Removes the file of an address that nobody listens on; abstract addresses have none. */
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

/** `process 123`, as Linux lists its address. */
async function holderOf(lock: string): Promise<string | undefined> {
  const addresses = await fs.readFile('/proc/net/unix', 'utf8').catch(() => '');
  const [, holder] = new RegExp(`@${lock}-pid-(\\d+)-`).exec(addresses) ?? [];
  return holder === undefined ? undefined : `process ${holder}`;
}
