import {ExitCode} from '../../../base/errors.js';
import type {FoundRow, GateOutcome, Gathered} from '../../../cluster/cluster.js';
import {sessionPresenter, sessionPresenterWithSource} from '../../../presentation/session-presenter.js';
import type {CommandContext} from '../../command-context.js';
import {parseUid} from '../../line/parsers.js';
import {hintStockSources, type StockInput, stockSources, withStockFlags} from '../../line/stock-flags.js';
import {rowsOf, showGathered, timeCells} from '../../show/show-results.js';
import {collect, type Verb} from '../../verb.js';

interface SessionsFindInput extends StockInput {
  readonly uid: readonly string[];
}

export const sessionsFind: Verb<SessionsFindInput> = {
  examples: [
    'gatectl sessions find u42 u43',
    'gatectl sessions find u42 -o ids',
    'gatectl sessions find u42 --tap 10s',
  ],
  declare: (command) =>
    withStockFlags(command.argument('<uid...>', 'user ids of the sessions', collect(parseUid))),
  run: async (context, {uid: uids, ...input}) => {
    const stock = await stockSources(context, input);
    const found = await Promise.all([...new Set(uids)].map((uid) => findSessions(context, uid, stock)));
    const rows = found.flatMap(rowsOf);
    const sheet =
      stock === undefined
        ? sessionPresenter(timeCells(context))
        : sessionPresenterWithSource(timeCells(context));
    const outcomes = mergedOutcomes(found.flatMap((one) => one.outcomes));
    const code = await showGathered(context, sheet, {outcomes}, rows);
    await hintStockSources(context, stock, outcomes);
    return code === ExitCode.done && rows.length === 0 ? ExitCode.negative : code;
  },
};

async function findSessions(
  context: CommandContext,
  uid: string,
  stock: Awaited<ReturnType<typeof stockSources>>,
): Promise<Gathered<readonly FoundRow[]>> {
  if (stock === undefined) return await (await context.openReader()).find(uid);
  return await (await context.openCluster()).find(uid, stock);
}

/** Merges the outcomes of several questions to one for each gate: a failure, if there is one. */
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
