import {type FileHandle, open} from 'node:fs/promises';
import {errorCode, errorCodeOrText} from '../../base/error-details.js';
import {ConflictError, DecodeError, OutputError, UsageError} from '../../base/errors.js';
import {claimFile, type FileClaim} from '../../base/files/file-claim.js';
import {readFileLines} from '../../base/files/file-lines.js';
import type {Target, TargetOutcome, TargetState} from '../../cluster/cluster.js';
import {safeJson} from '../../output/text/safe-text.js';
import {shellWord} from '../../output/text/shell-word.js';
import {parseStrictJson} from '../../session/codec/strict-json.js';
import {maxMessageBytes} from '../line/message-body.js';

/** First line of a plan or outcome file. A plan contains the message body, an outcome file only its hash. */
export interface OutcomeFileHeader {
  readonly version: 1;
  readonly action: string;
  readonly about: Readonly<Record<string, unknown>>;
  readonly where: string;
  readonly at: string;
  readonly count: number;
  /** The message, in a plan of `send`; `body` is base64. */
  readonly message?: {readonly body: string; readonly template: boolean; readonly json: boolean};
}

/**
 * A file of JSON lines: the header, one line per target, and for each write a line before it begins and one with its outcome.
 * A plan is such a file without outcomes. Lines are only appended, so everything a crashed run wrote remains.
 */
export class OutcomeFile {
  private lastAppend: Promise<void> = Promise.resolve();

  private constructor(
    private readonly handle: FileHandle,
    private readonly name: string,
    private readonly claim?: FileClaim,
  ) {}

  /** Creates the file with mode 0600 and claims it until `close`. Rejects with UsageError if it exists. */
  static async create(
    name: string,
    header: OutcomeFileHeader,
    targets: readonly Target[],
  ): Promise<OutcomeFile> {
    const handle = await openFile(name, 'ax');
    const file = new OutcomeFile(handle, name, await claimTarget(name));
    await file.lines([header, ...targets.map(({node, ...target}) => ({target: {gate: node, ...target}}))]);
    return file;
  }

  /** Opens a file for appending, and completes a partial line left by a killed run. Call it within `withFileClaim`. */
  static async reopen(name: string): Promise<OutcomeFile> {
    const file = new OutcomeFile(await openFile(name, 'a'), name);
    if (!(await endsWithLine(name))) await file.text('\n');
    return file;
  }

  /** Records that writes to these targets are about to begin. If the run is killed after this, their outcome is unknown. */
  async begin(targets: readonly Target[]): Promise<void> {
    const [{node: gate} = {node: ''}] = targets; // all targets of one call are on the same gate
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

  /** Appends after the previous append has ended, because several gates are written to concurrently. */
  private text(text: string): Promise<void> {
    const append = this.lastAppend.then(() => this.handle.appendFile(text));
    this.lastAppend = append.catch(() => {}); // the caller awaits `append` itself
    return append.catch((cause: unknown) => {
      throw new OutputError(`cannot write "${this.name}": ${errorCodeOrText(cause)}`, {cause});
    });
  }
}

/**
 * Holds an exclusive claim on a plan or outcome file while `work` runs: two processes resuming the same file would send
 * everything twice. Rejects with ConflictError if another process holds the claim.
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
      throw new UsageError(`cannot create "${name}": file exists`, {
        hint: `to continue it: --resume ${shellWord(name)}`,
        cause,
      });
    throw new UsageError(`cannot write "${name}": ${errorCodeOrText(cause)}`, {cause});
  }
}

/** The header, and each target with its latest state. */
interface OutcomeFileContents {
  readonly header: OutcomeFileHeader;
  readonly targets: ReadonlyMap<string, Target & {readonly state: TargetState | undefined}>;
}

/** Long enough for the header of a plan, which contains a message body in base64. */
const maxLineBytes = 2 * maxMessageBytes;

/**
 * Reads a plan or outcome file. Accepts partial lines, which a killed run leaves. Rejects with UsageError if the file is
 * truncated, damaged or something else: an outcome that is overlooked would repeat a write.
 */
export async function readOutcomeFile(name: string): Promise<OutcomeFileContents> {
  const targets = new Map<string, Target & {state: TargetState | undefined}>();
  let header: OutcomeFileHeader | undefined;
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
    throw new UsageError(`"${name}" is truncated: it has ${targets.size} of ${header.count} targets`);
  }
  return {header, targets};
}

/** Converts a target line. Throws UsageError if the gate or id is missing: the write could reach the wrong session. */
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

/** Parses one line; returns an empty object for an empty or partial line. Throws UsageError for anything but a JSON object. */
function parseLine(line: string, place: string): Partial<Line> {
  const value = parseJsonLine(line, place);
  if (typeof value === 'object' && value !== null) return value;
  if (isIncompleteLine(line)) return {};
  throw new UsageError(`invalid ${place}: expected a JSON object`, {hint: 'the file is damaged'});
}

/** Returns the parsed value, or undefined for invalid JSON. Throws UsageError for JSON that is not strict. */
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

function parseHeader(line: string, name: string): OutcomeFileHeader {
  const header: Partial<OutcomeFileHeader> = Object(parseJsonLine(line, `line 1 of "${name}"`));
  if (header.version === 1 && typeof header.action === 'string' && typeof header.count === 'number')
    return header as OutcomeFileHeader;
  throw new UsageError(`cannot read "${name}": expected a plan or outcome file from gatectl`);
}
