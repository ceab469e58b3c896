import {contextTimeFormatter, showGathered} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';
import {gateInfoPresenter} from './gate-presenters.js';

export interface GatesInput {
  readonly gate: readonly string[];
}

export const gatesInfo: Verb<GatesInput> = {
  examples: ['gatectl gates info', 'gatectl gates info Gate@a1 -o json'],
  declare: (command) => command.argument('[gate...]', 'node ids (default: all gates)'),
  run: async (context, {gate}) => {
    const cluster = await context.openReader();
    const infos = await cluster.info(gate.length > 0 ? gate : undefined);
    const stock = infos.outcomes.filter(({role}) => role === 'stock-gate').map(({node}) => node);
    const rows = infos.expected
      .map((node) => ({node, info: infos.results.get(node.id)}))
      .filter(({node, info}) => info !== undefined || stock.includes(node.id));
    return showGathered(context, gateInfoPresenter(contextTimeFormatter(context)), infos, rows);
  },
};
