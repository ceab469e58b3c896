import {execFile, execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import {homedir} from 'node:os';
import path from 'node:path';
import {promisify} from 'node:util';
import {until} from './poll.js';
import {findProgram, requireServer} from './servers.js';

/** A program in Go that tests run: a folder of test/interop, the go.mod to use instead of its own, and a build tag. */
export interface GoProgram {
  readonly folder: string;
  readonly modfile?: string;
  readonly tag?: string;
}

const cacheFolder = path.join(
  process.env['XDG_CACHE_HOME'] || path.join(homedir() || '/tmp', '.cache'),
  'gatectl-tests',
);

/** Compiles a program once for each content of its sources, whatever worker or run asks for it, and gives its path. */
export async function goProgram(program: GoProgram): Promise<string> {
  const output = outputOf(program);
  mkdirSync(cacheFolder, {recursive: true});
  await until(() => existsSync(output) || lock(output), {
    what: `another process to compile ${output}`,
    timeoutMs: 900_000,
    everyMs: 100,
  });
  if (!existsSync(output)) {
    try {
      await compile(program, output);
    } finally {
      rmSync(`${output}.lock`, {force: true});
    }
  }
  utimesSync(output, new Date(), new Date());
  return output;
}

/** Whether `goProgram` has nothing to compile. False without Go. */
export function isCompiled(program: GoProgram): boolean {
  return findProgram('go') !== undefined && existsSync(outputOf(program));
}

async function compile({folder, modfile, tag = ''}: GoProgram, output: string): Promise<void> {
  const flags = [`-tags=${tag}`, ...(modfile === undefined ? [] : [`-modfile=${modfile}`])];
  const unfinished = `${output}.${process.pid}`;
  const options = {cwd: path.resolve(folder)};
  await promisify(execFile)(requireServer('go'), ['build', ...flags, '-o', unfinished, '.'], options);
  renameSync(unfinished, output);
  removeOld();
}

/** A lock of a process that has ended is taken over. */
function lock(output: string): boolean {
  try {
    writeFileSync(`${output}.lock`, String(process.pid), {flag: 'wx'});
    return true;
  } catch {
    if (!isRunning(Number(readFileSync(`${output}.lock`, 'utf8')))) rmSync(`${output}.lock`, {force: true});
    return false;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

let goVersion: string | undefined;

function outputOf({folder, modfile = 'go.mod', tag = ''}: GoProgram): string {
  goVersion ??= execFileSync(requireServer('go'), ['version'], {encoding: 'utf8'});
  const hash = createHash('sha256').update(`${goVersion}${modfile}${tag}`);
  const usesAddon = readFileSync(path.join(folder, 'go.mod'), 'utf8').includes('gatectl.dev/addon');
  for (const source of usesAddon ? [folder, 'src/addon'] : [folder]) {
    for (const name of readdirSync(source, {recursive: true, encoding: 'utf8'}).sort()) {
      if (/\.(?:go|mod|sum)$/.test(name) && !name.endsWith('_test.go'))
        hash.update(`\n${name}\n`).update(readFileSync(path.join(source, name)));
    }
  }
  return path.join(cacheFolder, `${path.basename(folder)}-${hash.digest('hex').slice(0, 16)}`);
}

/** Programs of sources that no run has asked for in a week. */
function removeOld(): void {
  for (const name of readdirSync(cacheFolder)) {
    const file = path.join(cacheFolder, name);
    const age = Date.now() - (statSync(file, {throwIfNoEntry: false})?.mtimeMs ?? Date.now());
    if (age > 7 * 24 * 3_600_000) rmSync(file, {force: true});
  }
}
