import type {Command} from 'commander';
import type {DevOptions} from '../../../dev/dev-options.js';
import type {CommandContext} from '../../command-context.js';
import {parseCount} from '../../line/parsers.js';
import type {Verb} from '../../verb.js';
import {devDeps} from './dev-deps.js';

/** Adds the options shared by `dev` and `demo`. */
export function addDevFlags(command: Command): Command {
  return command
    .option('--gates <count>', 'number of gates (3)', parseCount, 3)
    .option('--nats-server <file>', 'nats-server program to start (default: search PATH)')
    .option('--embedded-bus', 'use the built-in bus even if nats-server is installed')
    .option('--processes', 'run each gate in its own process');
}

/** Returns the bus given with --server. Ignores contexts, so that local gates never join an existing cluster by accident. */
export function explicitServer({flags}: CommandContext): string | undefined {
  return typeof flags.server === 'string' ? flags.server : undefined;
}

export const dev: Verb<DevOptions> = {
  examples: ['gatectl dev', 'gatectl dev --gates 1 --processes'],
  handlesAbort: true,
  declare: addDevFlags,
  run: async (context, options) => {
    const {runDev} = await import('../../../dev/run-dev.js');
    return runDev({...options, server: explicitServer(context)}, devDeps(context));
  },
};
