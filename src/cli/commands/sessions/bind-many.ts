import {setTimeout as sleep} from 'node:timers/promises';
import {monotonicMs} from '../../../base/clock.js';
import {type ExitCode, UsageError} from '../../../base/errors.js';
import type {Cluster, Target} from '../../../cluster/cluster.js';
import {pacedWrites, type TargetResult, targetResultOfError} from '../../../cluster/write/bulk.js';
import type {NamedSession} from '../../../cluster/write/resolve-targets.js';
import {type PaceInput, parseTarget} from '../../bulk/bulk-flags.js';
import {type BulkWrite, writeToNamed} from '../../bulk/bulk-write.js';
import {type BulkWriter, sessionWriter} from '../../bulk/bulk-writer.js';
import {namedByWords, parseJsonLine, stdinWord} from '../../bulk/named-sessions.js';
import type {CommandContext} from '../../command-context.js';
import {parseUid} from '../../line/parsers.js';
import {parseSessionReference} from '../../line/session-argument.js';

/** Whether the words of a bind are one session and its uid. */
export const isOnePair = (
  words: readonly string[],
  {expect, outcome, resume, plan}: BindManyInput,
): boolean => words.length === 2 && [expect, outcome, resume, plan].every((flag) => flag === undefined);

export interface BindManyInput extends PaceInput {
  readonly resume?: string | undefined;
  readonly plan?: string | undefined;
}

/** Binds the sessions of pairs, or of a list on stdin, or saves a plan. */
export async function bindMany(
  context: CommandContext,
  words: readonly string[],
  input: BindManyInput,
  write: BulkWrite,
): Promise<ExitCode> {
  const read = input.resume === undefined ? () => pairsOf(context, words) : undefined;
  return await writeToNamed(context, input, write, read);
}

/** Returns a bulk write of one `bindOne` for each target, at an even pace. */
export function bindBulkWrite(cluster: Cluster, {about, destroys, bindOne}: BindManyDeps): BulkWrite {
  const clock = {now: monotonicMs, wait: (ms: number) => sleep(ms)};
  const act = async (target: Target): Promise<TargetResult> => {
    await bindOne(`${target.node}/${target.id}`, target.bindTo ?? '');
    return {state: 'done'};
  };
  const {noun, check} = sessionWriter(cluster, {verb: 'check'});
  const writer: BulkWriter = {
    noun,
    check,
    writeAll: (targets, pace) =>
      pacedWrites({
        ...pace,
        targets,
        batch: 1,
        clock,
        act: async (some) => await Promise.all(some.map((one) => act(one).catch(targetResultOfError))),
      }),
  };
  return {action: {verb: 'bind'}, about, destroys, writer};
}

interface BindManyDeps {
  /** The policies of the bind, compared by a resumed run. */
  readonly about: Readonly<Record<string, unknown>>;
  readonly destroys: boolean;
  readonly bindOne: (reference: string, uid: string) => Promise<void>;
}

/** Returns the sessions with the uid to bind each to. Throws UsageError for a session with two uids. */
async function pairsOf(context: CommandContext, words: readonly string[]): Promise<readonly NamedSession[]> {
  const named =
    words.length === 1 && words[0] === stdinWord
      ? await namedByWords(context, words, pairOf, parsePairLine)
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

/** Throws UsageError unless the words are pairs of a session and a uid, or stand for a list on stdin. */
export function checkPairs(words: readonly string[], {resume}: BindManyInput): void {
  const isList = words.length === 1 && words[0] === stdinWord;
  if (resume === undefined && !isList) pairsIn(words);
}

function pairsIn(words: readonly string[]): readonly NamedSession[] {
  if (words[0] !== undefined) parseTarget(words[0]);
  if (words.length === 0 || words.length % 2 !== 0 || words.includes(stdinWord))
    throw new UsageError('missing uid: give pairs of a session and a uid, or - for a list on stdin', {
      hint: 'such as gatectl bind 5f0084b6970dc3 u42',
    });
  return words.flatMap((word, at) =>
    at % 2 === 0 ? [{reference: parseSessionReference(word), bindTo: parseUid(words[at + 1] ?? '')}] : [],
  );
}

const pairOf = (reference: string): NamedSession => ({reference});

/** Parses `<session> <uid>`, or a JSON object with `id`, `gate` and `uid`. */
function parsePairLine(text: string, line: number): NamedSession | undefined {
  if (text.startsWith('{')) {
    const {id, gate, uid, summary} = parseJsonLine(text);
    if (summary !== undefined) return undefined; // the last line of a listing
    if (typeof id !== 'string' || typeof uid !== 'string')
      throw new UsageError('its JSON lacks "id" or "uid"');
    const reference = parseSessionReference(typeof gate === 'string' ? `${gate}/${id}` : id);
    return {reference, bindTo: parseUid(uid), line};
  }
  const [, reference = '', uid = ''] = /^(\S+)\s+(.+)$/.exec(text) ?? [];
  if (uid === '') throw new UsageError(`"${text}" is not a session and a uid`);
  return {reference: parseSessionReference(reference), bindTo: parseUid(uid), line};
}
