import {ExitCode} from '../../../base/errors.js';
import {wildcardMatcher} from '../../../base/wildcard-matcher.js';
import type {GateOutcome, LocatedRecord, RecordReader} from '../../../cluster/cluster.js';
import {openStoreHint} from '../../../cluster/records/open-store-hint.js';
import {recordMatches} from '../../../cluster/records/record-matches.js';
import {parseRecordOrder, type RecordOrder, recordsInOrder} from '../../../cluster/records/record-order.js';
import {UnreadRecords, unreadText} from '../../../cluster/records/unread-records.js';
import type {UnreadRecordsSummary} from '../../../cluster/result-types.js';
import type {Column} from '../../../output/formats/presenter.js';
import {formatPlural} from '../../../output/text/humanize.js';
import {shellLine} from '../../../output/text/shell-word.js';
import {recordPresenter} from '../../../presentation/record-presenter.js';
import {settingColumn} from '../../../presentation/session-presenter.js';
import {BatchedRows, batchesOfRows, DecodedRowBatch, type RowBatch} from '../../../session/fast/row-batch.js';
import type {CommandContext} from '../../command-context.js';
import {parseKeyValuePair, parseUtf8Text} from '../../line/parsers.js';
import {notice, warn} from '../../show/notices.js';
import {checkColumns, parseColumns, selectColumns} from '../../show/select-columns.js';
import {showListing} from '../../show/show-results.js';
import {repeatableParser, type Verb} from '../../verb.js';
import {addStoreFlag, type StoreInput} from './record-flags.js';

interface RecordsListInput extends StoreInput {
  readonly where?: string;
  readonly gate?: readonly string[];
  readonly uid?: readonly string[];
  readonly setting?: readonly (readonly [string, string])[];
  readonly sort?: RecordOrder;
  readonly columns?: readonly string[];
}

export const recordsList: Verb<RecordsListInput> = {
  examples: [
    'gatectl records list --uid "guest-*"',
    `gatectl records list --where 'settings.roomName == "mqant"'`,
    'gatectl records list --columns uid,expires,settings.room --sort expires:asc --limit 20',
    'gatectl records list --store redis://127.0.0.1:6379/0 --setting roomName=mqant -o jsonl',
  ],
  declare: (command) =>
    addStoreFlag(command)
      .option(
        '--where <expression>',
        'match an expression, such as uid == "u1" && settings.vip == "1"',
        parseUtf8Text,
      )
      .option('--gate <node>', 'read through this gate only (repeatable)', repeatableParser(String))
      .option(
        '--uid <uid>',
        'match this uid; * matches any characters (repeatable)',
        repeatableParser(parseUtf8Text),
      )
      .option('--setting <key=value>', 'match this setting (repeatable)', repeatableParser(parseKeyValuePair))
      .option(
        '--sort <field>',
        'sort by a column or settings.<key>; set the direction with expires:asc or uid:desc',
        parseRecordOrder,
      )
      .option(
        '--columns <names>',
        'columns and JSON members to show, such as uid,expires,settings.room',
        parseColumns,
      ),
  run: async (context, {where, gate, store, uid, setting = [], sort, columns}) => {
    checkColumns(context, columns);
    const presenter = selectColumns(recordPresenter, columns, recordSettingColumn);
    const selected = where === undefined ? undefined : await whereFilter(where, context.now);
    const records = await context.openRecordReader(store);
    const {signal, outputOptions} = context;
    const fits = recordFilter(uid, setting);
    const isWanted = (record: LocatedRecord): boolean => fits(record) && selected?.(record) !== false;
    const isFiltered = selected !== undefined || uid !== undefined || setting.length > 0;
    const {limit, format} = outputOptions;
    const readsAll = isFiltered || sort !== undefined;
    const listing = await records.list({
      gates: gate,
      limit: readsAll ? undefined : limit,
      signal,
      expiry: format !== 'ids' || sort?.text.endsWith('expires'),
    });
    const undecoded = new UnreadRecords();
    const filter = isFiltered ? isWanted : undefined;
    let matching = 0;
    const onMatch = (count: number): void => {
      matching += count;
    };
    const limits = {filter, undecoded, onMatch, limit: sort === undefined ? limit : undefined};
    const wanted = wantedBatches(listing.rows, limits);
    const rows = new BatchedRows(sort === undefined ? wanted : recordsInOrder(wanted, sort, limit));
    const code = await showListing(context, presenter, {...listing, rows}, async () =>
      sort !== undefined && listing.outcomes().every(({status}) => status === 'ok') ? matching : undefined,
    );
    const {tally} = undecoded;
    if (tally !== undefined) await warn(context, unreadText(tally));
    const outcomes = listing.outcomes();
    if (store !== undefined) await hintAtProbe(context, records, {outcomes, tally});
    const hint = openStoreHint(outcomes);
    if (hint !== undefined) await notice(context, `hint: ${hint}`);
    return tally !== undefined && code === ExitCode.done ? ExitCode.partial : code;
  },
};

/** Returns the column `settings.<key>` for records; undefined for any other name. A record's settings are in its session. */
function recordSettingColumn(name: string): Column<LocatedRecord> | undefined {
  const column = settingColumn(name);
  return column && {...column, member: ['session', ...(column.member ?? [])]};
}

/** Suggests `records probe` if no record could be read, so that a wrong key or encoding is not mistaken for an empty store. */
async function hintAtProbe(
  context: CommandContext,
  records: RecordReader,
  {
    outcomes,
    tally,
  }: {readonly outcomes: readonly GateOutcome[]; readonly tally: UnreadRecordsSummary | undefined},
): Promise<void> {
  const unread = outcomes.flatMap(({unread}) => unread?.first ?? []);
  const isUndecoded = tally !== undefined || unread.some(({reason}) => reason === 'bad-reply');
  if (outcomes.some(({count, status}) => count > 0 || status === 'failed') && !isUndecoded) return;
  if (!isUndecoded) {
    const keys = (await records.keyCount?.().catch(() => undefined)) ?? 0;
    if (keys === 0) return;
    await notice(context, `no record matches, but the store has ${formatPlural(keys, 'key')}`);
  }
  const probe = shellLine(['gatectl', 'records', 'probe', '--store', outcomes[0]?.node ?? '']);
  await notice(context, `hint: to find the key and encoding of the records: ${probe}`);
}

/** Parses the expression into a record filter. Loads the selector code only when needed. */
async function whereFilter(where: string, now: () => number): Promise<(record: LocatedRecord) => boolean> {
  const {parseTypedSelector} = await import('../../../selector/selector.js');
  const selector = await parseTypedSelector(where);
  return (record) => recordMatches(record, selector, now());
}

function recordFilter(uids: readonly string[] | undefined, settings: readonly (readonly [string, string])[]) {
  return (record: LocatedRecord): boolean =>
    (uids === undefined || uids.some(wildcardMatcher(record.uid))) &&
    settings.every(([key, value]) => record.session?.settings[key] === value);
}

interface WantedRows {
  readonly filter: ((record: LocatedRecord) => boolean) | undefined;
  /** Collects records whose bytes are not a session. Records that the store's encoding rejects are already counted. */
  readonly undecoded: UnreadRecords;
  /** Called with the number of matching records in each batch. */
  readonly onMatch: (count: number) => void;
  readonly limit: number | undefined;
}

async function* wantedBatches(
  rows: AsyncIterable<LocatedRecord>,
  {filter, undecoded, onMatch, limit = Number.POSITIVE_INFINITY}: WantedRows,
): AsyncGenerator<RowBatch<LocatedRecord>, void, undefined> {
  let left = limit;
  for await (const batch of batchesOfRows(rows)) {
    for (const {uid, undecodable: message, fault} of batch.rows)
      if (message !== undefined && fault === undefined) undecoded.add([{uid, reason: 'bad-reply', message}]);
    if (filter === undefined) {
      onMatch(batch.count);
      yield batch;
      continue;
    }
    const wanted = batch.rows.filter(filter).slice(0, left);
    onMatch(wanted.length);
    yield new DecodedRowBatch(wanted);
    left -= wanted.length;
    if (left <= 0) return;
  }
}
