import type {Command} from 'commander';
import {UsageError} from '../../../base/errors.js';
import type {CommandContext} from '../../command-context.js';
import {withStockFlags} from '../../line/stock-flags.js';
import type {Verb} from '../../verb.js';
import {type DashboardInput, parseTheme, showDashboard} from './show-dashboard.js';

export const dashboard: Verb<DashboardInput> = {
  examples: ['gatectl dashboard', 'gatectl dashboard --context prod --read-only --theme light'],
  handlesAbort: true,
  declare: (command: Command) =>
    withStockFlags(command)
      .option('--theme <name>', 'colours: default, light or none [GATECTL_THEME]', parseTheme)
      .option('--no-mouse', 'do not capture the mouse [GATECTL_MOUSE=0]')
      .option('--clipboard', 'copy with y and c through OSC 52 [GATECTL_CLIPBOARD]'),
  run: async (context, input) => {
    requireScreen(context);
    return await showDashboard(context, input, () =>
      context.openCluster({reconnect: true, ownsTerminal: true}),
    );
  },
};

/** Throws UsageError unless stdin and stdout are terminals. */
function requireScreen({deps}: CommandContext): void {
  if (deps.io.out.isTerminal && deps.io.in.isTerminal) return;
  const missing = deps.io.out.isTerminal ? 'stdin' : 'stdout';
  throw new UsageError(`cannot open the dashboard: ${missing} is not a terminal`, {
    hint: 'gatectl sessions watch -o jsonl',
  });
}
