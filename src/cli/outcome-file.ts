import {createReadStream} from 'node:fs';
import {type FileHandle, open} from 'node:fs/promises';
import {createInterface} from 'node:readline';
import type {Target, TargetOutcome, TargetState} from '../cluster/cluster.js';
import {OutputError, UsageError} from '../errors.js';
import {safeJson} from '../output/safe-text.js';

/** What is to be done, in words that two runs can be compared by. A body is in a plan, and elsewhere only its hash. */
export interface BulkHeader {
  readonly version: 1;
  readonly action: string;
  readonly about: Readonly<Record<string, unknown>>;
  readonly where: string;
  readonly at: string;
  readonly count: number;
  /** In a plan of messages: what to send. */
  readonly message?: {readonly body: string; readonly template: boolean; readonly json: boolean};
}

/**
 * A file of JSON lines: the header, each target, and each outcome as it comes. Without outcomes it is a plan. It is only
 * ever added to, so that what was said before a crash stands.
 */
export class OutcomeFile {
  private constructor(
    private readonly handle: FileHandle,
    private readonly name: string,
  ) {}

  /** A new file, 0600; one that is there already is left alone (UsageError). */
  static async create(name: string, header: BulkHeader, targets: readonly Target[]): Promise<OutcomeFile> {
    const file = new OutcomeFile(await opened(name, 'ax'), name);
    await file.lines([header, ...targets.map(({node, id, uid}) => ({target: {gate: node, id, uid}}))]);
    return file;
  }

  static async reopen(name: string): Promise<OutcomeFile> {
    return new OutcomeFile(await opened(name, 'a'), name);
  }

  async add({node, id, state, detail}: TargetOutcome, at: string): Promise<void> {
    await this.lines([{outcome: {gate: node, id, state, detail, at}}]);
  }

  async close(): Promise<void> {
    await this.handle.sync().catch(() => {}); // not every file can be synced: a pipe, a device
    await this.handle.close();
  }

  private async lines(records: readonly object[]): Promise<void> {
    try {
      await this.handle.appendFile(records.map((record) => `${safeJson(record)}\n`).join(''));
    } catch (cause) {
      throw new OutputError(`cannot write "${this.name}"`, {cause});
    }
  }
}

async function opened(name: string, flags: 'ax' | 'a'): Promise<FileHandle> {
  try {
    return await open(name, flags, 0o600);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'EEXIST')
      throw new UsageError(`"${name}" is there already`, {hint: `go on with it: --resume ${name}`, cause});
    throw new UsageError(`cannot write "${name}"`, {hint: String(code ?? cause), cause});
  }
}

/** What a file says: the header, and each target with its newest state. */
export interface Resumable {
  readonly header: BulkHeader;
  readonly targets: ReadonlyMap<string, Target & {readonly state: TargetState | undefined}>;
}

/** Reads a plan or an outcome file; its last line may be half of one, where a run was killed. */
export async function readOutcomeFile(name: string): Promise<Resumable> {
  const targets = new Map<string, Target & {state: TargetState | undefined}>();
  let header: BulkHeader | undefined;
  for await (const line of linesOf(name)) {
    if (header === undefined) {
      header = headerOf(line, name);
      continue;
    }
    const {target, outcome} = parsed(line);
    if (target !== undefined) {
      const {gate, id, uid} = target;
      targets.set(`${gate}/${id}`, {node: String(gate), id: String(id), uid: String(uid), state: undefined});
    }
    const known = outcome === undefined ? undefined : targets.get(`${outcome['gate']}/${outcome['id']}`);
    if (known !== undefined) known.state = outcome?.['state'] as TargetState;
  }
  if (header === undefined) throw new UsageError(`"${name}" is empty`);
  if (targets.size !== header.count) {
    throw new UsageError(`"${name}" names ${targets.size} of ${header.count} targets: it was cut`);
  }
  return {header, targets};
}

async function* linesOf(name: string): AsyncGenerator<string, void, undefined> {
  try {
    yield* createInterface({input: createReadStream(name), crlfDelay: Number.POSITIVE_INFINITY});
  } catch (cause) {
    throw new UsageError(`cannot read "${name}"`, {
      hint: cause instanceof Error ? cause.message : undefined,
      cause,
    });
  }
}

type Line = Readonly<Record<'target' | 'outcome', Readonly<Record<string, unknown>> | undefined>>;

/** A line that is no JSON, as the last one of a run that was killed may be, says nothing. */
function parsed(line: string): Line {
  try {
    return JSON.parse(line) as Line;
  } catch {
    return {target: undefined, outcome: undefined};
  }
}

function headerOf(line: string, name: string): BulkHeader {
  const header = parsed(line) as unknown as Partial<BulkHeader>;
  if (header.version === 1 && typeof header.action === 'string' && typeof header.count === 'number')
    return header as BulkHeader;
  throw new UsageError(`"${name}" is no plan and no outcome file of gatectl`);
}
