import type {Command} from 'commander';
import {UsageError} from '../../../base/errors.js';
import type {CommandContext} from '../../command-context.js';
import type {Verb} from '../../verb.js';
import {type DashboardInput, parseTheme, showDashboard} from './show-dashboard.js';

export const dashboard: Verb<DashboardInput> = {
  examples: ['gatectl dashboard', 'gatectl dashboard --context prod --read-only --theme light'],
  handlesAbort: true,
  declare: (command: Command) =>
    command
      .option('--theme <name>', 'colours: default, light or none [GATECTL_THEME]', parseTheme)
      .option('--no-mouse', 'leave the mouse to the terminal [GATECTL_MOUSE=0]')
      .option('--clipboard', 'let y write the clipboard by OSC 52 [GATECTL_CLIPBOARD]'),
  run: async (context, input) => {
    requireScreen(context);
    return await showDashboard(context, input, () =>
      context.openCluster({reconnect: true, ownsTerminal: true}),
    );
  },
};

/** A screen wants a terminal at both ends. */
function requireScreen({deps}: CommandContext): void {
  if (deps.io.out.isTerminal && deps.io.in.isTerminal) return;
  const missing = deps.io.out.isTerminal ? 'stdin' : 'stdout';
  throw new UsageError(`the dashboard needs a terminal, and ${missing} is not one`, {
    hint: 'gatectl sessions list, or gatectl sessions watch -o jsonl',
  });
}
