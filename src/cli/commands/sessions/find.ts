import {ExitCode} from '../../../base/errors.js';
import type {ClusterReader, GateOutcome, LocatedRow} from '../../../cluster/cluster.js';
import {gatesReportingOnline} from '../../../cluster/read/uid-reference.js';
import {shellWord} from '../../../output/text/shell-word.js';
import {sessionPresenter, sessionPresenterWithSource} from '../../../presentation/session-presenter.js';
import {parseSelectorFlags} from '../../bulk/selector-flags.js';
import type {CommandContext} from '../../command-context.js';
import {formatHintLine} from '../../line/hints/hint-line.js';
import {labelSelectorFlags} from '../../line/hints/values/label-selector.js';
import {parseUid} from '../../line/parsers.js';
import {
  addGateRecordsFlag,
  addStockSourceFlags,
  type StockSourceInput,
  tapHint,
} from '../../line/stock-flags.js';
import {notice, noticeMissingUids} from '../../show/notices.js';
import {contextTimeFormatter, showGathered, toLocatedRows} from '../../show/show-results.js';
import {repeatableParser, type Verb} from '../../verb.js';

interface SessionsFindInput extends StockSourceInput {
  readonly uid: readonly string[];
}

export const sessionsFind: Verb<SessionsFindInput> = {
  examples: [
    'gatectl sessions find u42 u43',
    'gatectl sessions find u42 -o ids',
    'gatectl sessions find u42 --tap 10s',
  ],
  declare: (command) =>
    addGateRecordsFlag(
      addStockSourceFlags(
        command.argument(
          '<uid...>',
          'user ids of the sessions; * matches any characters',
          repeatableParser(parseUid),
        ),
      ),
    ),
  run: async (context, {uid: given}) => {
    const cluster = await context.openReader();
    const uids = [...new Set(given)].filter((uid) => !isPattern(uid));
    const patterns = given.filter(isPattern);
    const matching = patterns.length === 0 ? undefined : await listMatching(context, cluster, patterns);
    const found = await Promise.all(uids.map((uid) => cluster.find(uid)));
    const rows = distinctRows([...found.flatMap(toLocatedRows), ...(matching?.rows ?? [])]);
    const time = contextTimeFormatter(context);
    const presenter = (await context.usesStock()) ? sessionPresenterWithSource(time) : sessionPresenter(time);
    const online = found.flatMap(({outcomes}, at) =>
      gatesReportingOnline(outcomes).map((gate) => ({gate, uid: uids[at] ?? ''})),
    );
    const about = online.length === 0 ? {} : {online: online.map((one) => ({...one, id: null}))};
    const answers = matching === undefined ? found : [...found, matching];
    const outcomes = mergedOutcomes(answers.flatMap((one) => one.outcomes));
    const code = await showGathered(context, presenter, {outcomes}, rows, about);
    for (const {gate, uid} of online)
      await notice(context, `uid "${uid}" is online on ${gate}, session unknown`);
    if (online[0] !== undefined) await noticeSources(context, online[0].uid);
    if (code !== ExitCode.done) return code;
    const missing = uids.filter((_, at) => found[at] !== undefined && toLocatedRows(found[at]).length === 0);
    if (rows.length > 0) await noticeMissingUids(context, 'session', missing);
    else if (online.length === 0 && uids[0] !== undefined) await noticeOffline(context, uids[0]);
    return missing.length > 0 || rows.length === 0 ? ExitCode.negative : code;
  },
};

/** Whether a uid is a pattern, in which `*` matches any characters, as in `--uid`. */
const isPattern = (uid: string): boolean => uid.includes('*');

async function listMatching(
  context: CommandContext,
  cluster: ClusterReader,
  uid: readonly string[],
): Promise<{readonly rows: readonly LocatedRow[]; readonly outcomes: readonly GateOutcome[]}> {
  const {signal} = context;
  const listing = await cluster.list({...(await parseSelectorFlags({uid})), signal});
  const rows: LocatedRow[] = [];
  for await (const row of listing.rows) rows.push(row);
  return {rows, outcomes: listing.outcomes()};
}

/** Removes repeated rows. A session may match several uids and patterns. */
const distinctRows = (rows: readonly LocatedRow[]): readonly LocatedRow[] => [
  ...new Map(rows.map((row) => [`${row.node}/${row.session.sessionId}`, row])).values(),
];

/** Merges the outcomes of several calls to one per gate; a failure takes precedence. */
function mergedOutcomes(outcomes: readonly GateOutcome[]): readonly GateOutcome[] {
  const merged = new Map<string, GateOutcome>();
  for (const outcome of outcomes) {
    const before = merged.get(outcome.node);
    const worse = before?.status === 'failed' ? before : outcome;
    merged.set(outcome.node, {
      ...worse,
      ms: Math.max(outcome.ms, before?.ms ?? 0),
      count: outcome.count + (before?.count ?? 0),
    });
  }
  return [...merged.values()];
}

/** Suggests commands for the record of an offline user, and for finding similar uids. */
async function noticeOffline(context: CommandContext, uid: string): Promise<void> {
  const other = /^[0-9a-f]{6,32}$/.test(uid)
    ? ['sessions', 'get', uid]
    : uid.includes('=')
      ? ['sessions', 'list', ...labelSelectorFlags(uid)]
      : undefined;
  if (other !== undefined) return await notice(context, `hint: ${formatHintLine(other)}`);
  const like = shellWord(`uid.startsWith(${JSON.stringify(uid.slice(0, 2))})`);
  await notice(
    context,
    `hint: to show the record of an offline user: gatectl records get ${shellWord(uid)}; to find similar uids: gatectl sessions list --where ${like}`,
  );
}

async function noticeSources(context: CommandContext, uid: string): Promise<void> {
  const hasSources = await context.usesStock();
  const record = hasSources ? '' : ', or in a store with --store <url>';
  await notice(context, `${tapHint(uid)}${record}`);
}
