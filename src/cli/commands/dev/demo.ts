import type {DemoOptions} from '../../../dev/dev-options.js';
import {parseCount} from '../../line/parsers.js';
import type {Verb} from '../../verb.js';
import {addDevFlags, explicitServer} from './dev.js';
import {devDeps} from './dev-deps.js';

export const demo: Verb<DemoOptions> = {
  examples: ['gatectl demo', 'gatectl demo --clients 1000 </dev/null'],
  handlesAbort: true,
  declare: (command) =>
    addDevFlags(command)
      .option('--clients <count>', 'number of simulated clients (200)', parseCount, 200)
      .option('--seed <number>', 'seed of the simulation, for repeatable runs (1)', parseCount, 1),
  run: async (context, options) => {
    const {runDemo} = await import('../../../dev/run-demo.js');
    return runDemo({...options, server: explicitServer(context)}, devDeps(context));
  },
};
