import type {Listing} from '../../../cluster/cluster.js';
import type {ExitCode} from '../../../errors.js';
import type {CommandContext} from '../../context.js';
import {countGroups, type Grouping, groupSheet, parseGrouping} from '../../group-rows.js';
import {showGathered} from '../../present.js';
import {type SelectorInput, selectionOf, withSelector} from '../../selector-flags.js';
import {countSheet, countTotals} from '../../sheets/count-sheet.js';
import type {Verb} from '../../verb.js';

export interface SessionsCountInput extends SelectorInput {
  readonly by?: Grouping | undefined;
}

export const sessionsCount: Verb<SessionsCountInput> = {
  examples: ['gatectl sessions count', 'gatectl sessions count --by settings.room --network websocket'],
  declare: (command) =>
    withSelector(command).option('--by <what>', 'gate, network, uid, guest or settings.<key>', parseGrouping),
  run: async (context, {by, ...input}) => {
    const {gates, where} = await selectionOf(input);
    const cluster = await context.openCluster();
    const {signal} = context;
    if (by !== undefined) return await showGroups(context, await cluster.list({gates, where, signal}), by);
    if (where !== undefined) return await showPerGate(context, await cluster.list({gates, where, signal}));
    const counted = await cluster.each((api) => api.count(), {gates, countOf: ({sessions}) => sessions});
    const rows = [...counted.results].map(([node, count]) => ({node, ...count}));
    return await showGathered(context, countSheet, counted, rows, countTotals(rows));
  },
};

async function showGroups(context: CommandContext, listing: Listing, by: Grouping): Promise<ExitCode> {
  const groups = await countGroups(listing.rows, by);
  const shown = groups.slice(0, context.manners.limit);
  const gathered = {...listing, results: new Map(), outcomes: listing.outcomes()};
  const totals = {groups: groups.length, ...countTotals(groups)};
  return await showGathered(context, groupSheet(by), gathered, shown, totals);
}

/** Each gate that answered has a row, though it be of none. */
async function showPerGate(context: CommandContext, listing: Listing): Promise<ExitCode> {
  const groups = await countGroups(listing.rows, parseGrouping('gate'));
  const outcomes = listing.outcomes();
  const rows = outcomes
    .filter(({status}) => status === 'ok')
    .map(({node}) => {
      const {sessions = 0, bound = 0} = groups.find(({key}) => key === node) ?? {};
      return {node, sessions, bound};
    });
  return await showGathered(
    context,
    countSheet,
    {...listing, results: new Map(), outcomes},
    rows,
    countTotals(rows),
  );
}
