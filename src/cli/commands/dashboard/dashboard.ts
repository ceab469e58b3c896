import type {Command} from 'commander';
import {UsageError} from '../../../base/errors.js';
import type {CommandContext} from '../../command-context.js';
import {addStockSourceFlags} from '../../line/stock-flags.js';
import {parseContextName} from '../../settings/context-store.js';
import type {Verb} from '../../verb.js';
import {type DashboardInput, parseTheme, showDashboard} from './show-dashboard.js';

export const dashboard: Verb<DashboardInput> = {
  examples: [
    'gatectl dashboard',
    'gatectl dashboard --context prod --read-only --theme light',
    'gatectl dashboard --contexts prod,stage',
  ],
  handlesAbort: true,
  declare: (command: Command) =>
    addStockSourceFlags(command)
      .option('--theme <name>', 'colors: default, light or none [GATECTL_THEME]', parseTheme)
      .option('--no-mouse', 'do not capture the mouse [GATECTL_MOUSE=0]')
      .option('--contexts <names>', 'show totals of several contexts; open the first', parseContexts)
      .option('--clipboard', 'let y and c copy through OSC 52 [GATECTL_CLIPBOARD]'),
  run: async (context, input) => {
    requireScreen(context);
    const [first] = input.contexts ?? [];
    const shown = first === undefined ? context : context.forContext(first).context;
    const open = () => shown.openCluster({reconnect: true, ownsTerminal: true});
    return await showDashboard(shown, input, open);
  },
};

const parseContexts = (text: string): readonly string[] => [
  ...new Set(text.split(',').map(parseContextName)),
];

/** Throws UsageError unless stdin and stdout are terminals. */
function requireScreen({deps}: CommandContext): void {
  if (deps.io.out.isTerminal && deps.io.in.isTerminal) return;
  const missing = deps.io.out.isTerminal ? 'stdin' : 'stdout';
  throw new UsageError(`cannot open the dashboard: ${missing} is not a terminal`, {
    hint: 'gatectl sessions watch -o jsonl',
  });
}
