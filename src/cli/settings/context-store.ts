import {promises as fs} from 'node:fs';
import path from 'node:path';
import {closestMatch, didYouMean} from '../../base/closest-match.js';
import {errorCode, errorCodeOrText} from '../../base/error-details.js';
import {DecodeError, NegativeError, UsageError} from '../../base/errors.js';
import {readRegularFileSync} from '../../base/files/bounded-file.js';
import {writePrivateFile} from '../../base/files/private-files.js';
import {parseStrictJson} from '../../session/codec/strict-json.js';
import type {FlagValues} from './global-flags.js';
import {type FlagName, globalFlags} from './global-flags.js';
import {xdgFolder} from './home-folder.js';
import type {NatsContextReader} from './nats-context.js';
import type {Environment} from './settings-layers.js';

/** Saved contexts: `contexts/<name>.json`, and the name of the selected one in `context.txt`. */
export interface ContextStore {
  list(): Promise<readonly string[]>;
  read(name: string): Promise<FlagValues>;
  /** The member `color` of a context file, as written; undefined if it is missing or the file can't be read. */
  colorOf(name: string): Promise<unknown>;
  save(name: string, values: FlagValues): Promise<void>;
  remove(name: string): Promise<void>;
  /** Name of the selected context; undefined if none is selected. */
  selected(): Promise<string | undefined>;
  select(name: string): Promise<void>;
  fileOf(name: string): string;
  /** Reads a natscli context. */
  readonly natsContext: NatsContextReader;
  /** Names of natscli's contexts. */
  natsContexts(): Promise<readonly string[]>;
}

/** Returns `$XDG_CONFIG_HOME/gatectl` or `~/.config/gatectl`; undefined if there is no home folder. */
export function configFolder(env: Environment, home: string | undefined): string | undefined {
  const folder = xdgFolder(env, home, {variable: 'XDG_CONFIG_HOME', below: ['.config']});
  return folder === undefined ? undefined : path.join(folder, 'gatectl');
}

/** Returns an empty store, for a user without a home folder. Reading or writing a context rejects with `error`. */
export function emptyContextStore(error: Error): ContextStore {
  const refuse = (): Promise<never> => Promise.reject(error);
  return {
    list: async () => [],
    selected: async () => undefined,
    read: refuse,
    colorOf: async () => undefined,
    save: refuse,
    remove: refuse,
    select: refuse,
    fileOf: (name) => name,
    natsContext: refuse,
    natsContexts: async () => [],
  };
}

/** Parses a context name. Excludes slashes and a leading dot, because it becomes a file name. Throws UsageError. */
export function parseContextName(text: string): string {
  if (!/^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}$/.test(text)) {
    throw new UsageError(`invalid context name "${text}"`, {
      hint: 'use letters, digits, "-", "_" and ".", without a leading "."',
    });
  }
  return text;
}

const noNatsContext: NatsContextReader = async (name) => {
  throw new UsageError(`natscli has no context "${name}"`);
};

const contextFlags = globalFlags.filter((flag) => flag.inContext);

const flagMembers: ReadonlySet<string> = new Set(contextFlags.map(({name}) => name));

/** Boolean members of a context file. */
const switches: ReadonlySet<FlagName> = new Set(['readOnly', 'requireReason', 'protected', 'tlsFirst']);

/** Returns those flags that a context may contain. */
export function pickContextFlags(flags: FlagValues): FlagValues {
  return Object.fromEntries(
    contextFlags.flatMap(({name}) => (flags[name] === undefined ? [] : [[name, flags[name]]])),
  );
}

export function openContextStore(
  folder: string,
  natsContext: NatsContextReader = noNatsContext,
  natsContexts: ContextStore['natsContexts'] = async () => [],
): ContextStore {
  const selectedFile = path.join(folder, 'context.txt');
  const fileOf = (name: string) => path.join(folder, 'contexts', `${parseContextName(name)}.json`);

  async function selected(): Promise<string | undefined> {
    const name = (await readIfThere(selectedFile))?.trim();
    return name ? parseSelected(name, selectedFile) : undefined;
  }

  async function read(name: string): Promise<FlagValues> {
    const text = await readIfThere(fileOf(name));
    if (text === undefined) {
      throw new UsageError(`no context "${name}"`, {
        hint: didYouMean(name, await list(), 'to list contexts: gatectl context list'),
      });
    }
    return parseContextFile(text, fileOf(name));
  }

  /** Returns the members that no flag sets: the colour, and what a newer version wrote. Empty if the file can't be read. */
  async function otherMembers(name: string): Promise<Readonly<Record<string, unknown>>> {
    try {
      const {version: _, ...members} = parseJsonObject(
        (await readIfThere(fileOf(name))) ?? '{}',
        fileOf(name),
      );
      return Object.fromEntries(Object.entries(members).filter(([key]) => !flagMembers.has(key)));
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return {};
    }
  }

  async function list(): Promise<readonly string[]> {
    const files = await fs.readdir(path.join(folder, 'contexts')).catch(emptyWhenAbsent);
    return files
      .filter((file) => /^[A-Za-z0-9_-][A-Za-z0-9_.-]*\.json$/.test(file))
      .map((file) => file.slice(0, -5))
      .sort();
  }

  return {
    fileOf,
    selected,
    read,
    colorOf: async (name) => (await otherMembers(name))['color'],
    natsContext,
    natsContexts,
    list,
    async save(name, values) {
      const content = {version: 1, ...values, ...(await otherMembers(name))};
      await writePrivateFile(fileOf(name), `${JSON.stringify(content, null, 2)}\n`);
    },
    async remove(name) {
      if ((await readIfThere(fileOf(name))) === undefined) throw new NegativeError(`no context "${name}"`);
      await fs.rm(fileOf(name));
      if ((await readIfThere(selectedFile))?.trim() === name) await fs.rm(selectedFile, {force: true});
    },
    async select(name) {
      await read(name);
      await writePrivateFile(selectedFile, `${name}\n`);
    },
  };
}

function parseSelected(name: string, file: string): string {
  try {
    return parseContextName(name);
  } catch (cause) {
    throw new UsageError(`invalid context name in "${file}"`, {
      hint: 'gatectl context use <name>',
      cause,
    });
  }
}

/**
 * Parses and checks a context file. Ignores unknown members, which a newer version may have written, but refuses those that are
 * a mistake: a misspelled `readOnly` would allow writes, and a misspelled `server` lead to another cluster.
 */
function parseContextFile(text: string, file: string): FlagValues {
  const content = parseJsonObject(text, file);
  if (content['version'] !== 1) throw new UsageError(`invalid context file "${file}": expected version 1`);
  const values: Partial<Record<FlagName, string | boolean>> = {};
  for (const {name} of contextFlags) {
    const value = content[name];
    if (value === undefined) continue;
    const type = switches.has(name) ? 'boolean' : 'string';
    if (typeof value !== type)
      throw new UsageError(`invalid context file "${file}": "${name}" is not a ${type}`);
    values[name] = value as string | boolean; // its type has just been checked
  }
  for (const key of Object.keys(content)) refuseMistake(key, file);
  return values;
}

const contextMembers: readonly string[] = [...flagMembers, 'version', 'color'];

/** Throws UsageError if a member is close to a known one, a flag that a context cannot contain, or a secret. */
function refuseMistake(key: string, file: string): void {
  if (contextMembers.includes(key)) return;
  const near = closestMatch(key.replaceAll(/[-_]/g, ''), contextMembers);
  const isFlag = globalFlags.some(({name}) => name === key);
  if (near === undefined && !isFlag && !/^(?:password|token|secret|seed|jwt)$/i.test(key)) return;
  throw new UsageError(`invalid context file "${file}": a context has no "${key}"`, {
    hint:
      near === undefined
        ? 'contexts hold how to reach a cluster, and secrets only in files, such as "passwordFile"'
        : `did you mean "${near}"?`,
  });
}

function parseJsonObject(text: string, file: string): Readonly<Record<string, unknown>> {
  let content: unknown;
  try {
    content = parseStrictJson(text);
  } catch (cause) {
    const what = cause instanceof DecodeError ? cause.message : 'not JSON';
    throw new UsageError(`invalid context file "${file}": ${what}`, {hint: 'fix it, or remove it', cause});
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new UsageError(`invalid context file "${file}": not a JSON object`);
  }
  return {...content};
}

/** Reads a file; undefined if it is missing. Synchronous, because `fs.promises` and its threads would take 3 ms. */
async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return readRegularFileSync(file).toString();
  } catch (cause) {
    if (isAbsent(cause)) return undefined;
    throw new UsageError(`cannot read "${file}": ${errorCodeOrText(cause)}`, {cause});
  }
}

/** Whether the error means that the file is missing. ENOTDIR: a parent of the path is a file. */
const isAbsent = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '');

function emptyWhenAbsent(error: unknown): string[] {
  if (isAbsent(error)) return [];
  throw error;
}
