import {UsageError} from '../../../base/errors.js';
import type {GateOutcome, LocatedRecord} from '../../../cluster/cluster.js';
import {unreadOutcome} from '../../../cluster/records/unread-records.js';
import {formatPlural} from '../../../output/text/humanize.js';
import {
  recordDifferencePresenter,
  recordDifferences,
} from '../../../presentation/record-difference-presenter.js';
import {parseUid} from '../../line/parsers.js';
import {addTapFlag} from '../../line/stock-flags.js';
import {notice} from '../../show/notices.js';
import {showGathered} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';
import {addStoreFlag, type StoreInput} from './record-flags.js';

interface RecordsDiffInput extends StoreInput {
  readonly uid: string;
}

export const recordsDiff: Verb<RecordsDiffInput> = {
  examples: ['gatectl records diff u42', 'gatectl records diff u42 --store redis://127.0.0.1:6379/0 -o json'],
  declare: (command) =>
    addTapFlag(addStoreFlag(command.argument('<uid>', 'user id of the record', parseUid))),
  run: async (context, {uid, store}) => {
    if (uid === '*')
      throw new UsageError('invalid uid "*": expected one uid', {
        hint: 'for all records and sessions: gatectl anomalies',
      });
    const records = await context.openRecordReader(store);
    const record = await records.get(uid);
    const live = await (await context.openReader()).find(uid);
    const sessions = [...live.results.values()].flat().map(({session}) => session);
    const isReadable = record.session !== undefined;
    const rows = isReadable ? sessions.flatMap((session) => recordDifferences(session, record.session)) : [];
    const outcomes = [...live.outcomes, ...unreadableOutcomes(record, store)];
    const about = {
      uid,
      sessions: sessions.map(({sessionId}) => sessionId),
      undecodable: record.undecodable ?? null,
    };
    if (rows.length === 0 && isReadable) await notice(context, noDifferenceText(sessions.length, uid));
    return showGathered(context, recordDifferencePresenter, {outcomes}, rows, about, {quietWhenEmpty: true});
  },
};

/** Returns a failed outcome for a record that can't be decoded and therefore not compared. */
function unreadableOutcomes(
  {uid, node, undecodable}: LocatedRecord,
  store: string | undefined,
): GateOutcome[] {
  if (undecodable === undefined) return [];
  const unread = {count: 1, first: [{uid, reason: 'refused', message: undecodable} as const]};
  return [
    unreadOutcome({id: node, ...(store !== undefined && {source: 'store'})}, {ms: 0, count: 0, unread}),
  ];
}

function noDifferenceText(sessions: number, uid: string): string {
  if (sessions === 0) return `uid "${uid}" has no live session to compare with the record`;
  return `the record matches ${formatPlural(sessions, 'session')} of uid "${uid}"`;
}
