import path from 'node:path';
import {pathToFileURL} from 'node:url';
import {CompiledCodeCache} from './base/code-cache.js';

/** The paths of all commands, such as `sessions get`. The build defines it. */
declare const __commands: readonly string[];

type Require = (name: string) => unknown;

/** A chunk of gatectl: a function that returns its exports. */
type LightChunk = (requireLate: Require, requireNow: Require) => unknown;

/** A chunk of a package. */
type HeavyChunk = (require: Require, url: string) => unknown;

type Exports = Readonly<Record<string | symbol, unknown>>;

/** Modules that Node loads before any program, or that load in no measurable time. */
const alreadyLoaded = /^node:(?:buffer|events|fs|path|process|timers|url|util)$/;

/** Runs the bundled program beside this file. `require` is Node's own. */
export function launch(argv: readonly string[], require: NodeJS.Require): void {
  const cache = new CompiledCodeCache(cacheFile(argv));
  const fileOf = (name: string): string => path.join(__dirname, name);
  const light = cache.evaluate(fileOf('pack.cjs')) as Readonly<Record<string, LightChunk>>;
  const chunks = new Map<string, unknown>();
  const builtins = new Map<string, unknown>();

  const chunkOf = (name: string): unknown => {
    if (!chunks.has(name))
      chunks.set(name, light[name]?.(requireLate, requireNow) ?? heavyChunk(fileOf(name)));
    return chunks.get(name);
  };
  const heavyChunk = (file: string): unknown =>
    (cache.evaluate(file) as HeavyChunk)(requireNow, pathToFileURL(file).href);
  const requireNow = (name: string): unknown =>
    name.startsWith('./') ? chunkOf(name.slice(2)) : require(name);
  const requireLate = (name: string): unknown => {
    if (!name.startsWith('node:') || alreadyLoaded.test(name)) return requireNow(name);
    if (!builtins.has(name))
      builtins.set(
        name,
        lateModule(() => require(name) as Exports),
      );
    return builtins.get(name);
  };

  process.once('exit', (code) => {
    if (code === 0) cache.save(); // a failed command has compiled only part of its code
  });
  (chunkOf('main.cjs') as {main(argv: readonly string[]): void}).main(argv);
}

/** Returns a proxy that loads a Node module on first use: a short command uses few of the modules that it imports. */
function lateModule(load: () => Exports): object {
  let loaded: Exports | undefined;
  const get = (_: object, key: string | symbol): unknown => {
    loaded ??= load();
    return key === 'default' ? loaded : loaded[key];
  };
  return new Proxy({}, {get, has: (_, key) => key === 'default'});
}

/** Returns the cache file for a command, installation and Node version. Its name contains no text that the user typed. */
function cacheFile(argv: readonly string[]): string | undefined {
  const {XDG_CACHE_HOME: xdg = '', HOME: home = '', NODE_DISABLE_COMPILE_CACHE: off} = process.env;
  if (off || !(path.isAbsolute(xdg) || path.isAbsolute(home))) return undefined;
  const folder = path.isAbsolute(xdg) ? xdg : path.join(home, '.cache');
  const name = [commandOf(argv).replace(' ', '-'), hashOf(__dirname), process.version, process.arch];
  return path.join(folder, 'gatectl', name.join('.'));
}

/** Guesses the command of a line; a wrong guess costs a few milliseconds. */
function commandOf(argv: readonly string[]): string {
  if (argv.length === 0) return 'dashboard';
  if (argv[0] === 'help' || argv.includes('--help') || argv.includes('-h')) return 'help';
  return __commands.find((command) => command.split(' ').every((word) => argv.includes(word))) ?? 'other';
}

function hashOf(text: string): string {
  let hash = 0;
  for (let at = 0; at < text.length; at += 1) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  return (hash >>> 0).toString(36);
}
