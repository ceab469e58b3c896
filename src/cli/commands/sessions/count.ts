import type {ExitCode} from '../../../base/errors.js';
import type {ClusterReader, Gathered} from '../../../cluster/cluster.js';
import {type Grouping, GroupTally, parseGrouping, versionGrouping} from '../../../selector/grouping.js';
import type {SessionCount} from '../../../session/gate-api.js';
import {addSelectorFlags, parseSelectorFlags, type SelectorInput} from '../../bulk/selector-flags.js';
import type {CommandContext} from '../../command-context.js';
import {hintStockSources} from '../../line/stock-flags.js';
import {showGathered} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';
import {countTotals, gateCountPresenter, groupCountPresenter} from './count-presenter.js';

interface SessionsCountInput extends SelectorInput {
  readonly by?: Grouping | undefined;
}

export const sessionsCount: Verb<SessionsCountInput> = {
  examples: [
    'gatectl sessions count',
    'gatectl sessions count --by settings.room --network websocket',
    'gatectl sessions count --by ip/24 --limit 10',
  ],
  declare: (command) =>
    addSelectorFlags(command).option(
      '--by <field>',
      'group by gate, version, network, ip/24, uid, guest or settings.<key>',
      parseGrouping,
    ),
  run: async (context, {by, ...input}) => {
    const {gates, where} = await parseSelectorFlags(input);
    const cluster = await context.openReader();
    const {signal} = context;
    const isByVersion = by?.text === versionGrouping;
    const counted = await cluster.count({gates, where, by: isByVersion ? undefined : by, signal});
    const code =
      by === undefined
        ? await showGates(context, counted)
        : await showGroups(context, counted, by.text, isByVersion ? await versionsOf(cluster) : undefined);
    await hintStockSources(context, counted.outcomes, where?.names?.uid);
    return code;
  },
};

function showGates(context: CommandContext, counted: Gathered<SessionCount>): Promise<ExitCode> {
  const rows = [...counted.results].map(([node, {sessions, bound}]) => ({node, sessions, bound}));
  return showGathered(context, gateCountPresenter, counted, rows, countTotals(rows));
}

function showGroups(
  context: CommandContext,
  counted: Gathered<SessionCount>,
  by: string,
  versions: ReadonlyMap<string, string> | undefined,
): Promise<ExitCode> {
  const tally = new GroupTally(by);
  for (const [node, {sessions, bound, groups = []}] of counted.results) {
    if (versions !== undefined) tally.add(versions.get(node) ?? null, sessions, bound);
    else for (const group of groups) tally.add(group.key, group.sessions, group.bound);
  }
  const groups = tally.sorted();
  const totals = {groups: groups.length, ...countTotals(groups)};
  return showGathered(context, groupCountPresenter(by), counted, groups, totals);
}

async function versionsOf(cluster: ClusterReader): Promise<ReadonlyMap<string, string>> {
  return new Map((await cluster.gates()).map(({id, version}) => [id, version]));
}
