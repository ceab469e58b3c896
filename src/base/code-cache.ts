import fs from 'node:fs';
import path from 'node:path';
import {Script} from 'node:vm';

/** A compiled file. `identity` differs whenever the file has changed. */
interface Compiled {
  readonly identity: string;
  readonly script: Script;
}

/** The code that an earlier run left for a file of this identity. */
interface Kept {
  readonly identity: string;
  readonly code: Buffer;
}

/** A line of the cache's table of contents. The codes follow the table in the same order. */
interface Entry {
  readonly file: string;
  readonly identity: string;
  readonly bytes: number;
}

/**
 * Keeps the code that V8 compiled for a command, so that its next run needs no compiling. V8 checks such code against its
 * own version and the length of the source only. So the cache binds code to the exact file that it was compiled from,
 * and reads nothing that another user could have written. Without a usable cache V8 compiles as it goes.
 */
export class CodeCache {
  private readonly kept: ReadonlyMap<string, Kept>;
  private readonly compiled = new Map<string, Compiled>();
  private isStale = false;

  /** Without a file nothing is read or written. */
  constructor(private readonly cacheFile: string | undefined) {
    this.kept = cacheFile === undefined ? new Map() : read(cacheFile);
  }

  /** The value of a file that holds one expression in ASCII. */
  evaluate(file: string): unknown {
    const {identity, source} = readSource(file);
    const kept = this.kept.get(file);
    const cachedData = kept?.identity === identity ? kept.code : undefined;
    const script = new Script(source, {filename: file, cachedData});
    if (cachedData === undefined || script.cachedDataRejected) this.isStale = true;
    this.compiled.set(file, {identity, script});
    return script.runInThisContext();
  }

  /** Writes the code of all evaluated files, unless the cache had it. Does nothing where the folder can't be written. */
  save(): void {
    if (this.cacheFile === undefined || !this.isStale) return;
    try {
      write(this.cacheFile, this.contents());
    } catch {
      // the next run compiles again
    }
  }

  /** Files that this run did not need are kept, unless a new build has removed them. */
  private contents(): ReadonlyMap<string, Kept> {
    const unused = [...this.kept].filter(([file]) => !this.compiled.has(file) && fs.existsSync(file));
    const used = [...this.compiled].map(([file, {identity, script}]): [string, Kept] => [
      file,
      {identity, code: script.createCachedData()},
    ]);
    return new Map([...used, ...unused]);
  }
}

/** Every change of a file sets its ctime, and nobody can set it back: an edit always gives a new identity. */
function readSource(file: string): {readonly identity: string; readonly source: string} {
  const fd = fs.openSync(file, 'r');
  try {
    const {dev, ino, size, mtimeMs, ctimeMs} = fs.fstatSync(fd);
    const source = fs.readFileSync(fd, 'latin1');
    return {identity: `${dev}-${ino}-${size}-${mtimeMs}-${ctimeMs}`, source};
  } finally {
    fs.closeSync(fd);
  }
}

function read(cacheFile: string): ReadonlyMap<string, Kept> {
  try {
    return isPrivateFolder(path.dirname(cacheFile)) ? parse(readOwn(cacheFile)) : new Map();
  } catch {
    return new Map(); // missing, unreadable or incomplete
  }
}

/** Whether a folder is the user's own, and nobody else can look into it. False where the system has no user ids. */
function isPrivateFolder(folder: string): boolean {
  const stats = fs.lstatSync(folder);
  return stats.isDirectory() && stats.uid === process.getuid?.() && (stats.mode & 0o077) === 0;
}

function readOwn(file: string): Buffer {
  const fd = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW);
  try {
    const {uid, mode} = fs.fstatSync(fd);
    if (uid !== process.getuid?.() || (mode & 0o022) !== 0) throw new Error('writable by others');
    return fs.readFileSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

function parse(bytes: Buffer): ReadonlyMap<string, Kept> {
  let at = bytes.indexOf('\n') + 1;
  const entries = JSON.parse(bytes.toString('utf8', 0, at)) as readonly Entry[];
  const kept = new Map<string, Kept>();
  for (const entry of entries) {
    kept.set(entry.file, {identity: entry.identity, code: bytes.subarray(at, at + entry.bytes)});
    at += entry.bytes;
  }
  if (at !== bytes.length) throw new Error('incomplete');
  return kept;
}

/** By itself, since Node's recursive way never ends below /proc. */
function makeFolder(folder: string): void {
  if (!fs.existsSync(folder)) fs.mkdirSync(folder, 0o700);
}

/** Written aside and renamed, so that a reader finds the whole of it or nothing. */
function write(cacheFile: string, contents: ReadonlyMap<string, Kept>): void {
  const folder = path.dirname(cacheFile);
  for (const missing of [path.dirname(folder), folder]) makeFolder(missing);
  if (!isPrivateFolder(folder)) return;
  const entries = [...contents].map(
    ([file, {identity, code}]): Entry => ({file, identity, bytes: code.length}),
  );
  const unfinished = `${cacheFile}.${process.pid}`;
  const table = Buffer.from(`${JSON.stringify(entries)}\n`);
  const bytes = Buffer.concat([table, ...[...contents.values()].map(({code}) => code)]);
  fs.writeFileSync(unfinished, bytes, {flag: 'wx', mode: 0o600, flush: true});
  fs.renameSync(unfinished, cacheFile);
}
