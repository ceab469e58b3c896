import {showGathered} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';
import {gatePingPresenter} from './gate-presenters.js';
import type {GatesInput} from './info.js';

export const gatesPing: Verb<GatesInput> = {
  examples: ['gatectl gates ping', 'gatectl gates ping Gate@a1 --timeout 500ms'],
  declare: (command) => command.argument('[gate...]', 'node ids (default: all gates)'),
  run: async (context, {gate}) => {
    const cluster = await context.openCluster();
    const answered = await cluster.ping(gate.length > 0 ? gate : undefined);
    const rows = answered.outcomes.filter(({status}) => status === 'ok');
    return showGathered(context, gatePingPresenter, answered, rows);
  },
};
