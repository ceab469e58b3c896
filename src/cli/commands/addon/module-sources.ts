import {promises as fs} from 'node:fs';
import path from 'node:path';
import {readBoundedFile} from '../../../base/files/bounded-file.js';
import {natsModulePath} from './go-mod-file.js';
import {addonManifestName, readAddonManifest} from './installed-addon.js';

const maxFiles = 5000;
const maxBytes = 1024 * 1024;

/** Folders that Go does not build, and folders of other people's code. */
const skipped = /^[._]|^(?:vendor|testdata|node_modules)$/;

interface ModuleFile {
  /** Path relative to the module, with slashes. */
  readonly file: string;
  readonly text: string;
}

/** Reads the Go files and add-on manifests of a module. Stops after 5000 files. The text of an unreadable file is empty. */
async function* moduleFiles(folder: string): AsyncGenerator<ModuleFile, void, undefined> {
  let left = maxFiles;
  const waiting = [''];
  for (let at = waiting.pop(); at !== undefined && left > 0; at = waiting.pop()) {
    const entries = await fs.readdir(path.join(folder, at), {withFileTypes: true}).catch(() => []);
    for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
      const file = path.posix.join(at, entry.name);
      if (entry.isDirectory() && !skipped.test(entry.name)) waiting.push(file);
      const isWanted = entry.name.endsWith('.go') || entry.name === addonManifestName;
      if (!entry.isFile() || !isWanted || left-- <= 0) continue;
      const bytes = await readBoundedFile(path.join(folder, file), maxBytes).catch(() => Buffer.alloc(0));
      yield {file, text: bytes.toString('utf8')};
    }
  }
}

/** Uses of nats.go outside the add-on's package. */
export interface OtherNatsUses {
  /** A Go file that imports nats.go. */
  readonly importer: string | undefined;
  /** The requirement that an add-on in another package added to go.mod. */
  readonly requirement: string | undefined;
}

/** Finds uses of nats.go outside the package `name`. If there are any, go.mod keeps the requirement when the add-on is removed. */
export async function findOtherNatsUses(folder: string, name: string): Promise<OtherNatsUses> {
  let importer: string | undefined;
  let requirement: string | undefined;
  for await (const {file, text} of moduleFiles(folder)) {
    if (path.posix.dirname(file) === name) continue;
    if (file.endsWith('.go')) importer ??= text.includes(`"${natsModulePath}"`) ? file : undefined;
    else
      requirement ??= (await readAddonManifest(path.join(folder, file)).catch(() => undefined))?.requirement;
  }
  return {importer, requirement};
}

/** A call to mqant's gate OnInit. The Attach call belongs after it. */
interface GateSource {
  /** Path relative to the module, with slashes. */
  readonly file: string;
  readonly line: number;
  /** Name of the gate's receiver, such as `this`. */
  readonly receiver: string;
  readonly isAttached: boolean;
}

/** Finds all gates in the source of a module. */
export async function findGatesInSource(folder: string): Promise<readonly GateSource[]> {
  const found: GateSource[] = [];
  for await (const {file, text} of moduleFiles(folder)) found.push(...gatesIn(file, text));
  return found;
}

function gatesIn(file: string, text: string): readonly GateSource[] {
  const isAttached = /\bAttach\(&\w+\.Gate\b/.test(text);
  return [...text.matchAll(/^[ \t]*(\w+)\.Gate\.OnInit\(/gm)].map(({1: receiver = '', index}) => ({
    file,
    line: text.slice(0, index).split('\n').length,
    receiver,
    isAttached,
  }));
}
