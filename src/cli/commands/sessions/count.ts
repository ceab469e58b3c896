import type {ClusterReader} from '../../../cluster/cluster.js';
import {byVersion, type Grouping, parseGrouping, Tally} from '../../../selector/grouping.js';
import {parseSelection, type SelectorInput, withSelectorFlags} from '../../bulk/selector-flags.js';
import {showGathered} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';
import {countPresenter, countTotals, groupPresenter} from './count-presenter.js';

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
    withSelectorFlags(command).option(
      '--by <field>',
      'gate, version, network, ip/24, uid, guest or settings.<key>',
      parseGrouping,
    ),
  run: async (context, {by, ...input}) => {
    const {gates, where} = await parseSelection(input);
    const cluster = await context.openReader();
    const {signal} = context;
    const isByVersion = by?.text === byVersion;
    const counted = await cluster.count({gates, where, by: isByVersion ? undefined : by, signal});
    if (by === undefined) {
      const rows = [...counted.results].map(([node, {sessions, bound}]) => ({node, sessions, bound}));
      return await showGathered(context, countPresenter, counted, rows, countTotals(rows));
    }
    const tally = new Tally(by.text);
    const versions = isByVersion ? await versionsOf(cluster) : undefined;
    for (const [node, {sessions, bound, groups = []}] of counted.results) {
      if (versions !== undefined) tally.add(versions.get(node) ?? null, sessions, bound);
      else for (const group of groups) tally.add(group.key, group.sessions, group.bound);
    }
    const groups = tally.sorted();
    const totals = {groups: groups.length, ...countTotals(groups)};
    return await showGathered(context, groupPresenter(by.text), counted, groups, totals);
  },
};

async function versionsOf(cluster: ClusterReader): Promise<ReadonlyMap<string, string>> {
  return new Map((await cluster.gates()).map(({id, version}) => [id, version]));
}
