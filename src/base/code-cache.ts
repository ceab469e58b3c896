import fs from 'node:fs';
import path from 'node:path';
import {Script} from 'node:vm';

/** A compiled file. `identity` changes whenever the file does. */
interface Compiled {
  readonly identity: string;
  readonly script: Script;
}

/** Code saved for a file by an earlier run. */
interface CachedCode {
  readonly identity: string;
  readonly code: Buffer;
}

/** Entry of the JSON table at the start of the cache file. The code of the entries follows in the same order. */
interface Entry {
  readonly file: string;
  readonly identity: string;
  readonly bytes: number;
}

/**
 * Caches the code that V8 compiled for a command, so that the next run skips compilation. V8 checks cached code only against
 * its own version and the length of the source. The cache therefore also checks the identity of the source file, and rejects
 * cache files that another user could have written. Without a usable cache, V8 compiles as usual.
 */
export class CompiledCodeCache {
  private readonly kept: ReadonlyMap<string, CachedCode>;
  private readonly compiled = new Map<string, Compiled>();
  private isStale = false;

  /** If `cacheFile` is undefined, nothing is cached. */
  constructor(private readonly cacheFile: string | undefined) {
    this.kept = cacheFile === undefined ? new Map() : read(cacheFile);
  }

  /** Evaluates a file that contains one expression in ASCII. Returns its value. */
  evaluate(file: string): unknown {
    const {identity, source} = readSource(file);
    const kept = this.kept.get(file);
    const cachedData = kept?.identity === identity ? kept.code : undefined;
    const script = new Script(source, {filename: file, cachedData});
    if (cachedData === undefined || script.cachedDataRejected) this.isStale = true;
    this.compiled.set(file, {identity, script});
    return script.runInThisContext();
  }

  /** Saves the code of all evaluated files if any of it is new. Does nothing if the folder can't be written. */
  save(): void {
    if (this.cacheFile === undefined || !this.isStale) return;
    try {
      write(this.cacheFile, this.contents());
    } catch {
      // the next run compiles it again
    }
  }

  /** Returns the code to save. Keeps files that this run did not evaluate, unless a new build has removed them. */
  private contents(): ReadonlyMap<string, CachedCode> {
    const unused = [...this.kept].filter(([file]) => !this.compiled.has(file) && fs.existsSync(file));
    const used = [...this.compiled].map(([file, {identity, script}]): [string, CachedCode] => [
      file,
      {identity, code: script.createCachedData()},
    ]);
    return new Map([...used, ...unused]);
  }
}

/** Reads a file and its identity. Every change of a file updates its ctime, which users can't set, and so the identity. */
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

function read(cacheFile: string): ReadonlyMap<string, CachedCode> {
  try {
    return isPrivateFolder(path.dirname(cacheFile)) ? parse(readOwn(cacheFile)) : new Map();
  } catch {
    return new Map(); // missing, unreadable or incomplete
  }
}

/** Whether the user owns a folder that no other user can access. False on systems without user ids. */
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

function parse(bytes: Buffer): ReadonlyMap<string, CachedCode> {
  let at = bytes.indexOf('\n') + 1;
  const entries = JSON.parse(bytes.toString('utf8', 0, at)) as readonly Entry[];
  const kept = new Map<string, CachedCode>();
  for (const entry of entries) {
    kept.set(entry.file, {identity: entry.identity, code: bytes.subarray(at, at + entry.bytes)});
    at += entry.bytes;
  }
  if (at !== bytes.length) throw new Error('incomplete');
  return kept;
}

/** Creates a folder if it is missing. Not `recursive`: Node's recursive mkdir never returns below /proc. */
function makeFolder(folder: string): void {
  if (!fs.existsSync(folder)) fs.mkdirSync(folder, 0o700);
}

/** Saves the cache to a temporary file and renames it, so that readers never see a partial cache. */
function write(cacheFile: string, contents: ReadonlyMap<string, CachedCode>): void {
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
