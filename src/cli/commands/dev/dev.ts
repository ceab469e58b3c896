import type {Command} from 'commander';
import type {DevOptions} from '../../../dev/options.js';
import {devDeps} from '../../dev-deps.js';
import {parseCount} from '../../parsers.js';
import type {Verb} from '../../verb.js';

/** The options that `dev` and `demo` share. */
export function withDevOptions(command: Command): Command {
  return command
    .option('--gates <count>', 'how many gates (3)', parseCount, 3)
    .option('--nats-server <file>', 'nats-server program to start (PATH is searched)')
    .option('--embedded-bus', 'use the bus inside gatectl even where there is a nats-server')
    .option('--processes', 'run each gate in a process of its own');
}

export const dev: Verb<DevOptions> = {
  examples: ['gatectl dev', 'gatectl dev --gates 1 --processes'],
  endsItself: true,
  declare: withDevOptions,
  run: async (context, options) => {
    const {runDev} = await import('../../../dev/run-dev.js');
    return runDev(options, devDeps(context));
  },
};
