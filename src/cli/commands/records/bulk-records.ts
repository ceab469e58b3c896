import {setTimeout as sleep} from 'node:timers/promises';
import type {Command} from 'commander';
import {monotonicMs} from '../../../base/clock.js';
import type {ExitCode} from '../../../base/errors.js';
import {NegativeError, UsageError} from '../../../base/errors.js';
import type {LocatedRecord, RecordAccess, RecordReader, Target} from '../../../cluster/cluster.js';
import {maskedStoreUrl} from '../../../cluster/records/masked-store-url.js';
import {runPacedWrites, type TargetResult, targetResultOfError} from '../../../cluster/write/paced-writes.js';
import {addBulkWriteFlags, type BulkWriteInput} from '../../bulk/bulk-flags.js';
import {type BulkWrite, writeToRecords} from '../../bulk/bulk-write.js';
import type {BulkWriter} from '../../bulk/bulk-writer.js';
import {
  parseJsonListLine,
  parseUidText,
  readArgumentsOrStdin,
  stdinArgument,
} from '../../bulk/read-session-references.js';
import type {CommandContext} from '../../command-context.js';
import {parseUid} from '../../line/parsers.js';
import {noticeMissingUids} from '../../show/notices.js';
import {repeatableParser} from '../../verb.js';

/** Input of a command that writes to any number of records. */
export interface BulkRecordInput extends BulkWriteInput {
  readonly uid: readonly string[];
  readonly store?: string | undefined;
  readonly resume?: string | undefined;
  readonly plan?: string | undefined;
}

type NamedRecords = Pick<BulkRecordInput, 'uid' | 'resume' | 'outcome' | 'expect' | 'plan'>;

/** Adds the uid arguments and the flags of a bulk write on records. */
export const addBulkRecordArguments = (command: Command): Command =>
  addBulkRecordFlags(addUidArguments(command));

/** Adds the flags of a bulk write on records. */
export const addBulkRecordFlags = (command: Command): Command =>
  addBulkWriteFlags(command, 'records per second; 0 for no limit')
    .option('--plan <file>', 'save the records for gatectl apply; write nothing')
    .option('--resume <file>', 'continue with the unfinished records of an outcome file');

export const addUidArguments = (command: Command): Command =>
  command.argument(
    '[uid...]',
    'user ids of the records; - reads a list from stdin',
    repeatableParser(parseUid),
    [],
  );

/** Returns the uid of a write to one record; undefined for a bulk write. Throws UsageError if there is no uid. */
export function singleUid(input: NamedRecords): string | undefined {
  const {uid, resume} = input;
  const [first] = uid;
  if (resume !== undefined && first !== undefined)
    throw new UsageError(`cannot combine uid "${first}" with --resume: use one or the other`);
  if (resume === undefined && first === undefined)
    throw new UsageError('missing uid: give one or more, or - to read a list from stdin', {
      hint: 'gatectl records list',
    });
  return isBulkRecordWrite(input) ? undefined : first;
}

/** Whether a command is a bulk write, which handles the abort signal itself. */
export const isBulkRecordWrite = ({uid, resume, outcome, expect, plan}: NamedRecords): boolean =>
  uid.length !== 1 ||
  uid[0] === stdinArgument ||
  [resume, outcome, expect, plan].some((flag) => flag !== undefined);

/** Returns the uids given as arguments, without repeats. The argument `-` is replaced by the list on stdin. */
export async function readUids(
  context: CommandContext,
  words: readonly string[],
): Promise<readonly string[]> {
  return [...new Set(await readArgumentsOrStdin(context, words, (word) => word, parseUidLine))];
}

/** Parses a uid, or a JSON object as printed by a listing with `-o jsonl`. */
function parseUidLine(text: string): string | undefined {
  if (!text.startsWith('{')) return parseUidText(text);
  const {uid, summary} = parseJsonListLine(text);
  if (summary !== undefined) return undefined; // the last line of a listing
  if (typeof uid === 'string' && uid !== '') return parseUid(uid);
  throw new UsageError('expected "uid" in the JSON object');
}

/** A write on many records: its action, and how to write one record. Used by commands and plans. */
export interface RecordsWrite extends Pick<BulkWrite, 'action' | 'about' | 'destroys'> {
  readonly records: RecordAccess;
  readonly act: (uid: string) => Promise<TargetResult>;
}

/** Returns the member `store` for `about`, with credentials masked; nothing without a store. */
export const storeArgument = (store: string | undefined): {readonly store?: string} =>
  store === undefined ? {} : {store: maskedStoreUrl(store)};

/** Writes to each record at the given pace, or saves a plan. A record that does not exist is reported as gone. */
export async function runBulkRecordWrite(
  context: CommandContext,
  input: BulkRecordInput,
  write: RecordsWrite,
): Promise<ExitCode> {
  const node = input.store === undefined ? 'storage' : maskedStoreUrl(input.store);
  const uids = input.resume === undefined ? await readUids(context, input.uid) : [];
  const targets = uids.map((uid) => ({node, id: uid, uid}));
  const planned = input.plan === undefined ? targets : await withRevisions(context, write.records, targets);
  return await writeToRecords(context, input, buildRecordBulkWrite(write), planned);
}

/** Converts a write on records to a bulk write. Its check compares each revision with the one in the plan. */
export function buildRecordBulkWrite({records, act, ...write}: RecordsWrite) {
  const clock = {now: monotonicMs, wait: (ms: number) => sleep(ms)};
  const each = (one: (target: Target) => Promise<TargetResult>) => async (targets: readonly Target[]) =>
    await Promise.all(targets.map((target) => one(target).catch(resultOfError)));
  const writer: BulkWriter = {
    noun: 'record',
    writeAll: (targets, pace) =>
      runPacedWrites({...pace, targets, batch: 1, clock, act: each(({uid}) => act(uid))}),
    check: (targets, pace) =>
      runPacedWrites({
        ...pace,
        targets,
        batch: 1,
        clock,
        act: each((target) => comparedWithPlan(records, target)),
      }),
  };
  return {...write, writer};
}

async function comparedWithPlan(
  records: RecordAccess,
  {uid, revision: planned}: Target,
): Promise<TargetResult> {
  const {revision} = await requireRecord(records.get(uid));
  return planned === undefined || revision === planned
    ? {state: 'done'}
    : {state: 'pending', detail: `the revision is now ${revision}, not ${planned}`};
}

/** Adds the current revision to each target, for a plan. Leaves out uids without a record and lists them in a notice. */
async function withRevisions(
  context: CommandContext,
  records: RecordAccess,
  targets: readonly Target[],
): Promise<readonly Target[]> {
  const byUid = new Map(targets.map((target) => [target.uid, target]));
  const missing: string[] = [];
  const found: Target[] = [];
  for await (const {uid, revision} of readRecords(context, records, [...byUid.keys()], missing)) {
    const target = byUid.get(uid);
    if (target !== undefined) found.push({...target, revision});
  }
  await noticeMissingUids(context, 'record', missing);
  return found;
}

/** Maximum number of records read concurrently. */
const concurrentReads = 100;

/** Yields the records of the uids, in order. Adds each uid without a record to `missing`. */
export async function* readRecords(
  context: CommandContext,
  records: RecordReader,
  uids: readonly string[],
  missing: string[],
): AsyncGenerator<LocatedRecord, void, undefined> {
  for (let at = 0; at < uids.length; at += concurrentReads) {
    context.signal.throwIfAborted();
    const read = uids.slice(at, at + concurrentReads).map(async (uid) => await orUid(records.get(uid), uid));
    for (const record of await Promise.all(read)) {
      if (typeof record === 'string') missing.push(record);
      else yield record;
    }
  }
}

/** Returns the record, or its uid if there is no record. */
async function orUid(record: Promise<LocatedRecord>, uid: string): Promise<LocatedRecord | string> {
  return await record.catch((error: unknown) => {
    if (error instanceof NegativeError) return uid;
    throw error;
  });
}

/** Thrown by `act` if the record does not exist. */
class NoRecord extends Error {}

function resultOfError(error: unknown): TargetResult {
  return error instanceof NoRecord ? {state: 'gone'} : targetResultOfError(error);
}

/** Awaits a call about a record. Rejects with NoRecord if the call fails with a NegativeError. */
export async function requireRecord<T>(answer: Promise<T>): Promise<T> {
  return await answer.catch((error: unknown) => {
    throw error instanceof NegativeError ? new NoRecord() : error;
  });
}
