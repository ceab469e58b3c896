import {type Grouping, parseGrouping, Tally} from '../../../selector/grouping.js';
import {parseSelection, type SelectorInput, withSelectorFlags} from '../../bulk/selector-flags.js';
import {showGathered} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';
import {countPresenter, countTotals, groupPresenter} from './count-presenter.js';

interface SessionsCountInput extends SelectorInput {
  readonly by?: Grouping | undefined;
}

export const sessionsCount: Verb<SessionsCountInput> = {
  examples: ['gatectl sessions count', 'gatectl sessions count --by settings.room --network websocket'],
  declare: (command) =>
    withSelectorFlags(command).option(
      '--by <what>',
      'gate, network, uid, guest or settings.<key>',
      parseGrouping,
    ),
  run: async (context, {by, ...input}) => {
    const {gates, where} = await parseSelection(input);
    const cluster = await context.openReader();
    const {signal} = context;
    const counted = await cluster.count({gates, where, by, signal});
    if (by === undefined) {
      const rows = [...counted.results].map(([node, {sessions, bound}]) => ({node, sessions, bound}));
      return await showGathered(context, countPresenter, counted, rows, countTotals(rows));
    }
    const tally = new Tally(by.text);
    for (const {groups = []} of counted.results.values())
      for (const {key, sessions, bound} of groups) tally.add(key, sessions, bound);
    const groups = tally.sorted();
    const totals = {groups: groups.length, ...countTotals(groups)};
    return await showGathered(context, groupPresenter(by.text), counted, groups, totals);
  },
};
