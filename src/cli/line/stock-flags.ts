import type {Command} from 'commander';
import type {GateOutcome} from '../../cluster/cluster.js';
import type {CommandContext} from '../command-context.js';
import {notice} from '../show/notices.js';
import {parseDurationMs} from './parsers.js';

/** Other sources of sessions for stock gates, which can't list their sessions. The cluster is opened with them. */
export interface StockInput {
  readonly store?: string | undefined;
  readonly records?: boolean | undefined;
  readonly tap?: number | undefined;
}

/** Adds --store and --tap. */
export function withStockFlags(command: Command): Command {
  return withTapFlag(command.option('--store <url>', 'stock gates: add sessions recorded in this store'));
}

/** Adds --tap, for commands that already have a --store. */
export function withTapFlag(command: Command): Command {
  return command.option(
    '--tap <duration>',
    'stock gates: add sessions seen on the bus during this time',
    parseDurationMs,
  );
}

export function withGateRecordsFlag(command: Command): Command {
  return command.option('--records', 'stock gates: add sessions recorded by other gates');
}

/** Suggests these flags if a gate could not list its sessions and no other source was given. */
export async function hintStockSources(
  context: CommandContext,
  outcomes: readonly GateOutcome[],
): Promise<void> {
  const helps = outcomes.some(({reason, role}) => reason === 'unsupported' && role !== 'other');
  if (!helps || (await context.usesStock())) return;
  await notice(
    context,
    'hint: --store <url> adds recorded sessions, --tap 10s adds sessions seen on the bus',
  );
}
