import type {Command} from 'commander';
import type {DevOptions} from '../../../dev/options.js';
import type {CommandContext} from '../../command-context.js';
import {parseCount} from '../../line/parsers.js';
import type {Verb} from '../../verb.js';
import {devDeps} from './dev-deps.js';

/** The options that `dev` and `demo` share. */
export function withDevOptions(command: Command): Command {
  return command
    .option('--gates <count>', 'how many gates (3)', parseCount, 3)
    .option('--nats-server <file>', 'nats-server program to start (PATH is searched)')
    .option('--embedded-bus', 'use the bus inside gatectl even where there is a nats-server')
    .option('--processes', 'run each gate in a process of its own');
}

/** The bus that this command line names; a selected context is somebody's cluster, not a place for gates of ours. */
export function devBusServer({flags}: CommandContext): string | undefined {
  return typeof flags.server === 'string' ? flags.server : undefined;
}

export const dev: Verb<DevOptions> = {
  examples: ['gatectl dev', 'gatectl dev --gates 1 --processes'],
  handlesAbort: true,
  declare: withDevOptions,
  run: async (context, options) => {
    const {runDev} = await import('../../../dev/run-dev.js');
    return runDev({...options, server: devBusServer(context)}, devDeps(context));
  },
};
