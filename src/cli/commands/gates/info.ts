import {showGathered, timeCells} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';
import {gateInfoPresenter} from './gate-presenters.js';

export interface GatesInput {
  readonly gate: readonly string[];
}

export const gatesInfo: Verb<GatesInput> = {
  examples: ['gatectl gates info', 'gatectl gates info Gate@a1 -o json'],
  declare: (command) => command.argument('[gate...]', 'node ids; default: all gates'),
  run: async (context, {gate}) => {
    const cluster = await context.openReader();
    const infos = await cluster.info(gate.length > 0 ? gate : undefined);
    const rows = [...infos.results].map(([node, info]) => ({node, info}));
    return showGathered(context, gateInfoPresenter(timeCells(context)), infos, rows);
  },
};
