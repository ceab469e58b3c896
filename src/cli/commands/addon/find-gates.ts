import {moduleFiles} from './module-files.js';

/** A call of the OnInit of mqant's gate, after which Attach belongs. */
interface GateSource {
  /** Path from the module, with slashes. */
  readonly file: string;
  readonly line: number;
  /** The gate's receiver, such as `this`. */
  readonly receiver: string;
  readonly isAttached: boolean;
}

/** Finds the gates in a module's source. */
export async function findGates(folder: string): Promise<readonly GateSource[]> {
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
