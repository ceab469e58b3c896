import type {Command} from 'commander';
import type {GateOutcome, StockSources} from '../../cluster/cluster.js';
import type {CommandContext} from '../command-context.js';
import {notice} from '../show/notices.js';
import {parseDurationMs} from './parsers.js';

/** Where else to look for the sessions of gates that cannot list theirs. */
export interface StockInput {
  readonly store?: string | undefined;
  readonly records?: boolean | undefined;
  readonly tap?: number | undefined;
}

export function withStockFlags(command: Command): Command {
  return command
    .option('--store <url>', 'stock gates: also who has a record in this store (redis://…, file:/…)')
    .option('--records', 'stock gates: also who has a record behind other gates')
    .option('--tap <duration>', 'stock gates: also who is heard on the bus for so long', parseDurationMs);
}

/** Undefined when nothing of it was asked for. */
export async function stockSources(
  context: CommandContext,
  {store, records, tap}: StockInput,
): Promise<StockSources | undefined> {
  if (store === undefined && records !== true && tap === undefined) return undefined;
  const wantsRecords = store !== undefined || records === true;
  return {records: wantsRecords ? await context.openRecords(store) : undefined, tapMs: tap};
}

/** What would find more, where gates could not list and nothing of it was asked for. */
export async function hintStockSources(
  context: CommandContext,
  stock: StockSources | undefined,
  outcomes: readonly GateOutcome[],
): Promise<void> {
  const helps = outcomes.some(({reason, role}) => reason === 'unsupported' && role !== 'other');
  if (stock !== undefined || !helps) return;
  await notice(context, 'hint: --store <url> adds who has a record, --tap 10s who is heard on the bus');
}
