/** The part of a go.mod that installing the add-on needs. */
export interface GoModFile {
  readonly module: string;
  /** Versions of required modules by path. */
  readonly requires: ReadonlyMap<string, string>;
}

export const mqantModulePath = 'github.com/liangdas/mqant';
export const natsModulePath = 'github.com/nats-io/nats.go';

const blockStart = /^\s*(\w+)\s*\($/;

/** Parses `module` and `require` directives, alone or in blocks. Returns undefined without a module path. */
export function parseGoMod(text: string): GoModFile | undefined {
  let module: string | undefined;
  const requires = new Map<string, string>();
  for (const {directive, words} of directives(text)) {
    if (directive === 'module') module ??= words[0];
    else if (directive === 'require' && words[0] !== undefined) requires.set(words[0], words[1] ?? '');
  }
  return module === undefined ? undefined : {module, requires};
}

interface Directive {
  readonly directive: string;
  readonly words: readonly string[];
  /** Zero-based line number. */
  readonly at: number;
  readonly isInBlock: boolean;
}

function* directives(text: string): Generator<Directive, void, undefined> {
  let block: string | undefined;
  for (const [at, line] of text.split('\n').entries()) {
    const code = line.replace(/\/\/.*$/, '').trim();
    const opened = blockStart.exec(code)?.[1];
    if (code === ')') block = undefined;
    else if (opened !== undefined) block = opened;
    else if (code !== '') {
      const words = code.split(/\s+/).map((word) => word.replace(/^["`](.*)["`]$/, '$1'));
      if (block !== undefined) yield {directive: block, words, at, isInBlock: true};
      else yield {directive: words[0] ?? '', words: words.slice(1), at, isInBlock: false};
    }
  }
}

/** Adds a requirement directly below that of mqant, in the same form. All other lines are unchanged. */
export function addRequirement(text: string, requirement: string): string {
  const lines = text.split('\n');
  const below = [...directives(text)].find(
    ({directive, words}) => directive === 'require' && words[0] === mqantModulePath,
  );
  if (below === undefined) throw new Error(`no requirement for ${mqantModulePath}`);
  const ending = lines[below.at]?.endsWith('\r') ? '\r' : '';
  lines.splice(below.at + 1, 0, `${below.isInBlock ? '\t' : 'require '}${requirement}${ending}`);
  return lines.join('\n');
}

/** Removes a requirement added by `addRequirement`. Returns undefined if its line has changed. */
export function removeRequirement(text: string, requirement: string): string | undefined {
  const lines = text.split('\n');
  const at = lines.findIndex((line) =>
    [`\t${requirement}`, `require ${requirement}`].includes(line.trimEnd()),
  );
  if (at < 0) return undefined;
  lines.splice(at, 1);
  return lines.join('\n');
}

/**
 * Returns the version of nats.go that a version of mqant requires: v1.9.1 up to mqant v1.5.0, then v1.25.0. Go refuses a
 * lower version than mqant requires.
 */
export function natsVersionForMqant(mqantVersion: string): string {
  return isGoVersionAtLeast(mqantVersion, [1, 5, 1]) ? 'v1.25.0' : 'v1.9.1';
}

/** Whether a Go version is at least `least`. Accepts `v1.4.12` and pseudo-versions: `v1.4.13-0.20210101000000-abcdef123456`. */
export function isGoVersionAtLeast(version: string, least: readonly [number, number, number]): boolean {
  const [, ...parts] = /^v(\d+)\.(\d+)\.(\d+)/.exec(version) ?? [];
  for (const [at, wanted] of least.entries()) {
    const part = Number(parts[at] ?? 0);
    if (part !== wanted) return part > wanted;
  }
  return true;
}
