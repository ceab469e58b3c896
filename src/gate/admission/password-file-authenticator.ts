import {randomBytes, scrypt, timingSafeEqual} from 'node:crypto';
import {UsageError} from '../../base/errors.js';
import {readBoundedFile} from '../../base/files/bounded-file.js';
import type {ConnectingClient} from './admission.js';
import {type Admission, type Authenticator, refusedAdmission} from './admission.js';

/** Cost of a new hash: 16 MiB and about 50 ms of CPU time; the defaults of node:crypto. */
const newCost = {log2N: 14, r: 8, p: 1};
/** Maximum memory for verifying one hash, so that a line in the file can't exhaust the gate's memory. */
const maxMemoryBytes = 256 * 1024 * 1024;
const keyBytes = 32;

interface PasswordHash {
  readonly N: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Buffer;
  readonly key: Buffer;
}

/**
 * Returns the hash for a line of the file, in the PHC string format: `$scrypt$ln=14,r=8,p=1$<salt>$<key>`, in base64
 * without padding.
 */
export async function hashPassword(password: string | Uint8Array): Promise<string> {
  const salt = randomBytes(16);
  const {log2N, r, p} = newCost;
  const key = await derive(password, {N: 2 ** log2N, r, p, salt, key: Buffer.alloc(keyBytes)});
  return `$scrypt$ln=${log2N},r=${r},p=${p}$${unpadded(salt)}$${unpadded(key)}`;
}

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replace(/={1,2}$/, '');

/** Returns true if the password has this hash. Compares in constant time. */
async function matches(password: Uint8Array, hash: PasswordHash): Promise<boolean> {
  return timingSafeEqual(await derive(password, hash), hash.key);
}

function derive(password: string | Uint8Array, {N, r, p, salt, key}: PasswordHash): Promise<Buffer> {
  return new Promise((resolve, reject) =>
    scrypt(password, salt, key.length, {N, r, p, maxmem: maxMemoryBytes}, (error, derived) =>
      error === null ? resolve(derived) : reject(error),
    ),
  );
}

const hashShape =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

function parseHash(text: string): PasswordHash | undefined {
  const [, log2N, r, p, salt = '', key = ''] = hashShape.exec(text) ?? [];
  const hash = {
    N: 2 ** Number(log2N),
    r: Number(r),
    p: Number(p),
    salt: Buffer.from(salt, 'base64'),
    key: Buffer.from(key, 'base64'),
  };
  const memory = 128 * hash.N * hash.r;
  return hash.N >= 2 && hash.r >= 1 && hash.p >= 1 && memory < maxMemoryBytes ? hash : undefined;
}

/**
 * Parses lines of the form `name:hash`; `#` starts a comment. Throws UsageError with the line number of an invalid
 * line.
 */
export function parsePasswordFile(text: string, file: string): ReadonlyMap<string, PasswordHash> {
  const hashes = new Map<string, PasswordHash>();
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const colon = line.lastIndexOf(':');
    const hash = parseHash(line.slice(colon + 1).trim());
    const name = line.slice(0, Math.max(colon, 0));
    if (hash === undefined || name === '' || hashes.has(name))
      throw new UsageError(
        `password file "${file}", line ${at + 1}: expected a new name and its scrypt hash`,
        {
          hint: `to add such a line: gatectl gate passwd ${file} <name>`,
        },
      );
    hashes.set(name, hash);
  }
  return hashes;
}

export interface PasswordFileOptions {
  readonly passwordFile: string;
  /** `username` binds the session to the client's user name. */
  readonly userId?: 'username' | undefined;
}

/** Admits clients whose user name and password are in a file. Rejects with UsageError if the file can't be used. */
export async function passwordFileAuthenticator({
  passwordFile,
  userId,
}: PasswordFileOptions): Promise<Authenticator> {
  const read = async () => parsePasswordFile(await fileText(passwordFile), passwordFile);
  let hashes = await read();
  // an unknown name takes as long as a wrong password, so that timing does not reveal which names exist
  const nobody = parseHash(await hashPassword(randomBytes(16)));
  return {
    reload: async () => {
      hashes = await read();
    },
    authenticate: async ({username, password}: ConnectingClient): Promise<Admission> => {
      if (username === undefined || password === undefined) return refusedAdmission('badCredentials');
      const known = hashes.get(username);
      const hash = known ?? nobody;
      const isRight = hash !== undefined && (await matches(password, hash));
      if (!isRight || known === undefined) return refusedAdmission('badCredentials');
      return {allow: true, userId: userId === 'username' ? username : undefined};
    },
  };
}

async function fileText(file: string): Promise<string> {
  try {
    return (await readBoundedFile(file)).toString();
  } catch (cause) {
    const {code} = cause as NodeJS.ErrnoException;
    throw new UsageError(`cannot read the password file "${file}": ${code ?? (cause as Error).message}`, {
      hint: `to create it: gatectl gate passwd ${file} <name>`,
      cause,
    });
  }
}
