import {type FileHandle, open} from 'node:fs/promises';
import {errorCode, errorCodeOrText} from '../../base/error-details.js';
import {ConflictError, DecodeError, OutputError, UsageError} from '../../base/errors.js';
import {claimFile, type FileClaim} from '../../base/files/file-claim.js';
import {readFileLines} from '../../base/files/file-lines.js';
import type {Target, TargetOutcome, TargetState} from '../../cluster/cluster.js';
import {safeJson} from '../../output/text/safe-text.js';
import {parseStrictJson} from '../../session/codec/strict-json.js';
import {maxBodyBytes} from '../line/message-body.js';

/** First line of a plan or outcome file. A plan holds the message body, an outcome file only its hash. */
export interface BulkHeader {
  readonly version: 1;
  readonly action: string;
  readonly about: Readonly<Record<string, unknown>>;
  readonly where: string;
  readonly at: string;
  readonly count: number;
  /** The message, in a plan of `send`. */
  readonly message?: {readonly body: string; readonly template: boolean; readonly json: boolean};
}

/**
 * A file of JSON lines: the header, each target, and for each write a line before it begins and one with its outcome.
 * Without outcomes it is a plan. Lines are only appended: what a crashed run wrote stands.
 */
export class OutcomeFile {
  private lastAppend: Promise<void> = Promise.resolve();

  private constructor(
    private readonly handle: FileHandle,
    private readonly name: string,
    private readonly claim?: FileClaim,
  ) {}

  /** Creates a file, mode 0600, claimed until it is closed. Rejects with UsageError if it exists. */
  static async create(name: string, header: BulkHeader, targets: readonly Target[]): Promise<OutcomeFile> {
    const handle = await openFile(name, 'ax');
    const file = new OutcomeFile(handle, name, await claimTarget(name));
    await file.lines([header, ...targets.map(({node, ...target}) => ({target: {gate: node, ...target}}))]);
    return file;
  }

  /** Opens a file for appending; call within `withFileClaim`. Ends a partial line that a killed run left. */
  static async reopen(name: string): Promise<OutcomeFile> {
    const file = new OutcomeFile(await openFile(name, 'a'), name);
    if (!(await endsWithLine(name))) await file.text('\n');
    return file;
  }

  /** Resolves once the file says that these are about to be written to: a run that is killed then leaves them unknown. */
  async begin(targets: readonly Target[]): Promise<void> {
    const [{node: gate} = {node: ''}] = targets; // a write goes to one gate
    await this.lines([{begun: {gate, ids: targets.map(({id}) => id)}}]);
  }

  async add({node, id, state, detail}: TargetOutcome, at: string): Promise<void> {
    await this.lines([{outcome: {gate: node, id, state, detail, at}}]);
  }

  async close(): Promise<void> {
    await this.handle.sync().catch(() => {}); // not every file can be synced: a pipe, a device
    await this.handle.close();
    await this.claim?.release();
  }

  private async lines(records: readonly object[]): Promise<void> {
    await this.text(records.map((record) => `${safeJson(record)}\n`).join(''));
  }

  /** One append after the other: gates are written to side by side. */
  private text(text: string): Promise<void> {
    const append = this.lastAppend.then(() => this.handle.appendFile(text));
    this.lastAppend = append.catch(() => {}); // the caller awaits `append` itself
    return append.catch((cause: unknown) => {
      throw new OutputError(`cannot write "${this.name}"`, {cause});
    });
  }
}

/**
 * Holds a plan or outcome file exclusively while `work` runs: two processes resuming one file would send everything twice.
 * Rejects with ConflictError when another process holds it.
 */
export async function withFileClaim<T>(name: string, work: () => Promise<T>): Promise<T> {
  const claim = await claimTarget(name);
  try {
    return await work();
  } finally {
    await claim.release();
  }
}

async function claimTarget(name: string): Promise<FileClaim> {
  try {
    return await claimFile(name);
  } catch (cause) {
    if (cause instanceof ConflictError) throw cause;
    throw new UsageError(`cannot read "${name}": ${errorCodeOrText(cause)}`, {cause});
  }
}

async function endsWithLine(name: string): Promise<boolean> {
  const handle = await open(name, 'r');
  try {
    const {size} = await handle.stat();
    const {buffer} = await handle.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1));
    return size === 0 || buffer[0] === 10;
  } finally {
    await handle.close();
  }
}

async function openFile(name: string, flags: 'ax' | 'a'): Promise<FileHandle> {
  try {
    return await open(name, flags, 0o600);
  } catch (cause) {
    if (errorCode(cause) === 'EEXIST')
      throw new UsageError(`cannot create "${name}": it exists`, {
        hint: `to continue it: --resume ${name}`,
        cause,
      });
    throw new UsageError(`cannot write "${name}"`, {hint: errorCodeOrText(cause), cause});
  }
}

/** The header, and each target with its newest state. */
interface OutcomeFileContents {
  readonly header: BulkHeader;
  readonly targets: ReadonlyMap<string, Target & {readonly state: TargetState | undefined}>;
}

/** Enough for the header of a plan, which holds a message body in base64. */
const maxLineBytes = 2 * maxBodyBytes;

/**
 * Reads a plan or an outcome file; a line may be half of one, where a run was killed. Rejects with UsageError for what is
 * none, was cut, or is damaged: an outcome that is not read would be a write that is done twice.
 */
export async function readOutcomeFile(name: string): Promise<OutcomeFileContents> {
  const targets = new Map<string, Target & {state: TargetState | undefined}>();
  let header: BulkHeader | undefined;
  let number = 0;
  for await (const line of readFileLines(name, {maxLineBytes, LineError: UsageError})) {
    number += 1;
    if (header === undefined) {
      header = parseHeader(line, name);
      continue;
    }
    const {target, begun, outcome} = parseLine(line, `line ${number} of "${name}"`);
    if (target) {
      const one = parseTarget(target, `line ${number} of "${name}"`);
      targets.set(`${one.node}/${one.id}`, {...one, state: undefined});
    }
    for (const id of begunIds(begun)) {
      const known = targets.get(`${begun?.['gate']}/${id}`);
      if (known !== undefined) known.state = 'unknown'; // unless an outcome follows
    }
    const known = outcome ? targets.get(`${outcome['gate']}/${outcome['id']}`) : undefined;
    if (known !== undefined) known.state = outcome?.['state'] as TargetState;
  }
  if (header === undefined) throw new UsageError(`cannot read "${name}": it is empty`);
  if (targets.size !== header.count) {
    throw new UsageError(`"${name}" is truncated: it names ${targets.size} of ${header.count} targets`);
  }
  return {header, targets};
}

/** Rejects a target without a gate or id, whose write could reach an unintended session. */
function parseTarget(
  {gate, id, uid, bindTo, revision}: Readonly<Record<string, unknown>>,
  place: string,
): Target {
  if (typeof gate === 'string' && gate.trim() !== '' && typeof id === 'string' && id.trim() !== '')
    return {
      ...{node: gate, id, uid: String(uid)},
      ...(typeof bindTo === 'string' ? {bindTo} : {}),
      ...(typeof revision === 'string' ? {revision} : {}),
    };
  throw new UsageError(`invalid ${place}: expected a gate and a session id`, {hint: 'the file is damaged'});
}

const begunIds = (begun: Line['begun'] | undefined): readonly unknown[] =>
  Array.isArray(begun?.['ids']) ? begun['ids'] : [];

type Line = Readonly<Record<'target' | 'begun' | 'outcome', Readonly<Record<string, unknown>> | null>>;

/** Ignores an empty or partial line. */
function parseLine(line: string, place: string): Partial<Line> {
  const value = parseJsonLine(line, place);
  if (typeof value === 'object' && value !== null) return value;
  if (isIncompleteLine(line)) return {};
  throw new UsageError(`invalid ${place}: expected a JSON object`, {hint: 'the file is damaged'});
}

/** Returns undefined for invalid JSON. */
function parseJsonLine(line: string, place: string): unknown {
  try {
    return parseStrictJson(line);
  } catch (cause) {
    if (cause instanceof DecodeError) throw new UsageError(`${place}: ${cause.message}`, {cause});
    return undefined;
  }
}

function isIncompleteLine(line: string): boolean {
  let open = 0;
  for (const character of line) open += character === '{' ? 1 : character === '}' ? -1 : 0;
  return open > 0 || line === '';
}

function parseHeader(line: string, name: string): BulkHeader {
  const header: Partial<BulkHeader> = Object(parseJsonLine(line, `line 1 of "${name}"`));
  if (header.version === 1 && typeof header.action === 'string' && typeof header.count === 'number')
    return header as BulkHeader;
  throw new UsageError(`cannot read "${name}": expected a plan or outcome file from gatectl`);
}
