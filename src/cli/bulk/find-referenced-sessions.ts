import {NegativeError} from '../../base/errors.js';
import type {ClusterReader, Target} from '../../cluster/cluster.js';
import {hasAnyAnswer} from '../../cluster/incomplete-error.js';
import {missingGatesText} from '../../cluster/read/gather.js';
import {type RequestedSession, resolveTargets} from '../../cluster/write/resolve-targets.js';
import {unknownTargetsError} from '../../cluster/write/select-targets.js';
import {formatCount} from '../../output/text/humanize.js';
import type {CommandContext} from '../command-context.js';
import {warn} from '../show/notices.js';
import type {BulkSessionInput} from './bulk-flags.js';

/** Maximum number of missing sessions listed in a message. */
const maxNamed = 5;

/**
 * Finds the targets for session references. Lines of a list that match no session are skipped with a warning, since clients
 * leave at any time. A session that was typed must exist, unless `--ignore-missing` is given.
 */
export async function findReferencedSessions(
  context: CommandContext,
  cluster: ClusterReader,
  {allSessions = false, ignoreMissing = false}: BulkSessionInput,
  named: readonly RequestedSession[],
): Promise<readonly Target[]> {
  const isList = named.some(({line}) => line !== undefined);
  const {targets, missing, outcomes} = await resolveTargets(cluster, named, {
    allowPrefix: context.allowsPrefix && !isList,
    allSessions,
    signal: context.signal,
  });
  if (outcomes.some(({status}) => status === 'failed')) {
    if (!context.outputOptions.allowPartial || !hasAnyAnswer(outcomes)) throw unknownTargetsError(outcomes);
    await warn(context, `${missingGatesText(outcomes)}; their sessions are left out`);
  }
  const typed = missing.filter(({line}) => line === undefined);
  if (typed.length > 0 && !ignoreMissing) {
    throw new NegativeError(`${missingText(typed, named.length)}; nothing was sent`, {
      hint: 'gatectl sessions list; to write to the others only: --ignore-missing',
    });
  }
  if (missing.length > 0) await warn(context, `${missingText(missing, named.length)}; left out`);
  return targets;
}

function missingText(missing: readonly RequestedSession[], count: number): string {
  const some = missing
    .slice(0, maxNamed)
    .map(({reference, line}) => `${line === undefined ? '' : `line ${line}: `}"${reference}"`);
  const more = missing.length > maxNamed ? ', …' : '';
  return `${formatCount(missing.length)} of ${formatCount(count)} sessions not found (${some.join(', ')}${more})`;
}
