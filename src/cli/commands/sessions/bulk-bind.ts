import {setTimeout as sleep} from 'node:timers/promises';
import {monotonicMs} from '../../../base/clock.js';
import {type ExitCode, UsageError} from '../../../base/errors.js';
import type {Cluster, Target} from '../../../cluster/cluster.js';
import {runPacedWrites, type TargetResult, targetResultOfError} from '../../../cluster/write/paced-writes.js';
import type {RequestedSession} from '../../../cluster/write/resolve-targets.js';
import {type BulkWriteInput, parseSessionOrStdin} from '../../bulk/bulk-flags.js';
import {type BulkWrite, writeToListedSessions} from '../../bulk/bulk-write.js';
import {type BulkWriter, createSessionWriter} from '../../bulk/bulk-writer.js';
import {
  parseJsonListLine,
  parseUidText,
  readArgumentsOrStdin,
  stdinArgument,
} from '../../bulk/read-session-references.js';
import type {CommandContext} from '../../command-context.js';
import {parseUid} from '../../line/parsers.js';
import {parseSessionReference} from '../../line/session-argument.js';

/** Whether the arguments bind a single session. */
export const isSinglePair = (
  words: readonly string[],
  {expect, outcome, resume, plan}: BulkBindInput,
): boolean => words.length === 2 && [expect, outcome, resume, plan].every((flag) => flag === undefined);

export interface BulkBindInput extends BulkWriteInput {
  readonly resume?: string | undefined;
  readonly plan?: string | undefined;
}

/** Binds each session to its uid, or saves a plan. `words` are pairs of a session and a uid, or `-` for a list on stdin. */
export async function runBulkBind(
  context: CommandContext,
  words: readonly string[],
  input: BulkBindInput,
  write: BulkWrite,
): Promise<ExitCode> {
  const read = input.resume === undefined ? () => pairsOf(context, words) : undefined;
  return await writeToListedSessions(context, input, write, read);
}

/** Builds a bulk write that calls `bindOne` for each target, at an even pace. */
export function buildPacedBindWrite(cluster: Cluster, {about, destroys, bindOne}: PacedBindDeps): BulkWrite {
  const clock = {now: monotonicMs, wait: (ms: number) => sleep(ms)};
  const act = async (target: Target): Promise<TargetResult> => {
    await bindOne(`${target.node}/${target.id}`, target.bindTo ?? '');
    return {state: 'done'};
  };
  const {noun, check} = createSessionWriter(cluster, {verb: 'check'});
  const writer: BulkWriter = {
    noun,
    check,
    writeAll: (targets, pace) =>
      runPacedWrites({
        ...pace,
        targets,
        batch: 1,
        clock,
        act: async (some) => await Promise.all(some.map((one) => act(one).catch(targetResultOfError))),
      }),
  };
  return {action: {verb: 'bind'}, about, destroys, writer};
}

interface PacedBindDeps {
  /** Policies of the bind. A resumed run must have the same. */
  readonly about: Readonly<Record<string, unknown>>;
  readonly destroys: boolean;
  readonly bindOne: (reference: string, uid: string) => Promise<void>;
}

/** Returns each session with the uid to bind. Throws UsageError if a session has two different uids. */
async function pairsOf(
  context: CommandContext,
  words: readonly string[],
): Promise<readonly RequestedSession[]> {
  const named =
    words.length === 1 && words[0] === stdinArgument
      ? await readArgumentsOrStdin(context, words, pairOf, parsePairLine)
      : pairsIn(words);
  const uids = new Map<string, string | undefined>();
  for (const {reference, bindTo, line} of named) {
    const other = uids.get(reference);
    if (other !== undefined && other !== bindTo) {
      const place = line === undefined ? '' : `line ${line}: `;
      throw new UsageError(
        `${place}"${reference}" has two uids, "${other}" and "${bindTo}"; nothing was sent`,
      );
    }
    uids.set(reference, bindTo);
  }
  return named;
}

/** Throws UsageError unless the arguments are pairs of a session and a uid, or `-` for a list on stdin. */
export function checkBindPairs(words: readonly string[], {resume}: BulkBindInput): void {
  const isList = words.length === 1 && words[0] === stdinArgument;
  if (resume === undefined && !isList) pairsIn(words);
}

function pairsIn(words: readonly string[]): readonly RequestedSession[] {
  if (words[0] !== undefined) parseSessionOrStdin(words[0]);
  if (words.length === 0 || words.length % 2 !== 0 || words.includes(stdinArgument))
    throw new UsageError('missing uid: give pairs of a session and a uid, or - to read a list from stdin', {
      hint: 'for example gatectl bind 5f0084b6970dc3 u42',
    });
  return words.flatMap((word, at) =>
    at % 2 === 0
      ? [{reference: parseSessionReference(word), bindTo: parseUidToBind(words[at + 1] ?? '')}]
      : [],
  );
}

/** Parses the uid of a bind. Throws UsageError for a word that other tools take for no value. */
export function parseUidToBind(text: string): string {
  if (/^(?:null|none|nil|undefined)$/i.test(text))
    throw new UsageError(`"${text}" means no uid`, {
      hint: `to clear the uid: gatectl unbind <session>; to bind this uid: uid:${text}`,
    });
  return parseUid(text);
}

const pairOf = (reference: string): RequestedSession => ({reference});

/** Parses `<session> <uid>`, or a JSON object with `id`, `gate` and `uid`. */
function parsePairLine(text: string, line: number): RequestedSession | undefined {
  if (text.startsWith('{')) {
    const {id, gate, uid, summary} = parseJsonListLine(text);
    if (summary !== undefined) return undefined; // the last line of a listing
    if (typeof id !== 'string' || typeof uid !== 'string')
      throw new UsageError('expected "id" and "uid" in the JSON object');
    const reference = parseSessionReference(typeof gate === 'string' ? `${gate}/${id}` : id);
    return {reference, bindTo: parseUid(uid), line};
  }
  const [, reference = '', uid = ''] = /^(\S+)\s+(.+)$/.exec(text) ?? [];
  if (uid === '') throw new UsageError(`invalid pair "${text}": expected <session> <uid>`);
  return {reference: parseSessionReference(reference), bindTo: parseUidText(uid), line};
}
