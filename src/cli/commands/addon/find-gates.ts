import {promises as fs} from 'node:fs';
import path from 'node:path';
import {readBoundedFile} from '../../../base/files/bounded-file.js';

/** A call of the OnInit of mqant's gate, after which Attach belongs. */
interface GateSource {
  /** Path from the module, with slashes. */
  readonly file: string;
  readonly line: number;
  /** The gate's receiver, such as `this`. */
  readonly receiver: string;
  readonly isAttached: boolean;
}

const maxFiles = 5000;
const maxBytes = 1024 * 1024;

/** Folders that Go does not build, or whose code is not the project's. */
const skipped = /^[._]|^(?:vendor|testdata|node_modules)$/;

/** Finds the gates in a module's source. Stops after 5000 files, and skips what it can't read: it only serves a hint. */
export async function findGates(folder: string): Promise<readonly GateSource[]> {
  const found: GateSource[] = [];
  let left = maxFiles;
  const waiting = [''];
  for (let at = waiting.pop(); at !== undefined && left > 0; at = waiting.pop()) {
    const entries = await fs.readdir(path.join(folder, at), {withFileTypes: true}).catch(() => []);
    for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
      const file = path.posix.join(at, entry.name);
      if (entry.isDirectory() && !skipped.test(entry.name)) waiting.push(file);
      if (!entry.isFile() || !entry.name.endsWith('.go') || left-- <= 0) continue;
      const bytes = await readBoundedFile(path.join(folder, file), maxBytes).catch(() => Buffer.alloc(0));
      found.push(...gatesIn(file, bytes.toString('utf8')));
    }
  }
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
