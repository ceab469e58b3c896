import {setTimeout as sleep} from 'node:timers/promises';
import type {Command} from 'commander';
import {monotonicMs} from '../../../base/clock.js';
import type {ExitCode} from '../../../base/errors.js';
import {NegativeError, UsageError} from '../../../base/errors.js';
import {storeName} from '../../../cluster/records/store-name.js';
import {pacedWrites, type TargetResult, targetResultOfError} from '../../../cluster/write/bulk.js';
import {type PaceInput, withRateFlags} from '../../bulk/bulk-flags.js';
import {type BulkWrite, writeToRecords} from '../../bulk/bulk-write.js';
import {namedByWords, parseJsonLine, stdinWord} from '../../bulk/named-sessions.js';
import type {CommandContext} from '../../command-context.js';
import {parseUid} from '../../line/parsers.js';
import {collect} from '../../verb.js';

/** Input of a command that writes any number of records. */
export interface ManyRecordsInput extends PaceInput {
  readonly uid: readonly string[];
  readonly store?: string | undefined;
  readonly resume?: string | undefined;
}

type NamedRecords = Pick<ManyRecordsInput, 'uid' | 'resume' | 'outcome' | 'expect'>;

/** Declares the uids of a command, and the flags of a bulk write. */
export const withRecords = (command: Command): Command => withRecordFlags(withUids(command));

/** Declares the flags of a bulk write of records. */
export const withRecordFlags = (command: Command): Command =>
  withRateFlags(command, 'records per second; 0 for no limit').option(
    '--resume <file>',
    'continue with the unfinished records of an outcome file',
  );

export const withUids = (command: Command): Command =>
  command.argument('[uid...]', 'user ids of the records, - for a list on stdin', collect(parseUid), []);

/** Returns the only uid of the words; undefined for a bulk write. Throws UsageError without any. */
export function onlyUid(input: NamedRecords): string | undefined {
  const {uid, resume} = input;
  const [first] = uid;
  if (resume !== undefined && first !== undefined)
    throw new UsageError(`cannot combine uid "${first}" with --resume: use one of them`);
  if (resume === undefined && first === undefined)
    throw new UsageError('missing uid: name one or more, or give a list on stdin with -', {
      hint: 'gatectl records list',
    });
  return isManyRecords(input) ? undefined : first;
}

/** Whether a command writes to more than one record, and handles the abort itself. */
export const isManyRecords = ({uid, resume, outcome, expect}: NamedRecords): boolean =>
  uid.length !== 1 || uid[0] === stdinWord || [resume, outcome, expect].some((flag) => flag !== undefined);

/** Returns each uid once; the word `-` is replaced by the list on stdin. */
export async function namedUids(
  context: CommandContext,
  words: readonly string[],
): Promise<readonly string[]> {
  return [...new Set(await namedByWords(context, words, (word) => word, parseUidLine))];
}

/** Parses a uid, or a JSON object of a listing. */
function parseUidLine(text: string): string | undefined {
  if (!text.startsWith('{')) return parseUid(text);
  const {uid, summary} = parseJsonLine(text);
  if (summary !== undefined) return undefined; // the last line of a listing
  if (typeof uid === 'string' && uid !== '') return parseUid(uid);
  throw new UsageError('its JSON has no "uid"');
}

/** Writes each record with `act`, at the given pace. A record that does not exist counts as gone. */
export async function writeRecords(
  context: CommandContext,
  input: ManyRecordsInput,
  write: Pick<BulkWrite, 'action' | 'about' | 'destroys'>,
  act: (uid: string) => Promise<TargetResult>,
): Promise<ExitCode> {
  const node = input.store === undefined ? 'storage' : storeName(input.store);
  const uids = input.resume === undefined ? await namedUids(context, input.uid) : [];
  const clock = {now: monotonicMs, wait: (ms: number) => sleep(ms)};
  const writer = {
    noun: 'record',
    writeAll: (targets, pace) =>
      pacedWrites({
        ...pace,
        targets,
        batch: 1,
        clock,
        act: async (some) => await Promise.all(some.map(({uid}) => act(uid).catch(resultOfError))),
      }),
  } satisfies BulkWrite['writer'];
  const targets = uids.map((uid) => ({node, id: uid, uid}));
  return await writeToRecords(context, input, {...write, writer}, targets);
}

/** Thrown by `act` for a record that does not exist. */
class NoRecord extends Error {}

function resultOfError(error: unknown): TargetResult {
  return error instanceof NoRecord ? {state: 'gone'} : targetResultOfError(error);
}

/** Awaits a question about a record; NegativeError means that there is none. */
export async function orNoRecord<T>(answer: Promise<T>): Promise<T> {
  return await answer.catch((error: unknown) => {
    throw error instanceof NegativeError ? new NoRecord() : error;
  });
}
