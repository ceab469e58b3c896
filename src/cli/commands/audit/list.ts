import type {Command} from 'commander';
import {journalTextMatches} from '../../../presentation/journal-text.js';
import type {CommandContext} from '../../command-context.js';
import {type JournalEntry, journalEntries} from '../../journal/journal-entries.js';
import {journalPresenter, journalText} from '../../journal/journal-presenter.js';
import {parseAge, parseText} from '../../line/parsers.js';
import {notice} from '../../show/notices.js';
import {showRows, timeCells} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';

export interface AuditInput {
  readonly since?: number | undefined;
  readonly command?: string | undefined;
  readonly target?: string | undefined;
  readonly words?: string | undefined;
}

export const withAuditFilters = (command: Command): Command =>
  command
    .option('--since <duration>', 'only the last 90s, 5m, 12h or 7d', parseAge)
    .option('--command <words>', 'only this command, such as "settings set"', parseText)
    .option('--target <name>', 'only writes to this session id, uid or gate', parseText)
    .option('--words <text>', 'search actor, command, target, outcome and reason', parseText);

export async function filteredEntries(
  {deps, now}: CommandContext,
  {since, words = '', ...filter}: AuditInput,
): Promise<readonly JournalEntry[]> {
  const from = since === undefined ? undefined : now() - since;
  const all = await journalEntries(deps.journal, {...filter, since: from});
  return words === '' ? all : all.filter((entry) => journalTextMatches(journalText(entry), words));
}

export const auditList: Verb<AuditInput> = {
  examples: ['gatectl audit list --since 12h', 'gatectl audit list --target u42 -o json'],
  declare: withAuditFilters,
  run: async (context, input) => {
    const entries = await filteredEntries(context, input);
    if (entries.length === 0) await notice(context, `no matching writes in ${context.deps.journal.name}`);
    return await showRows(context, journalPresenter(timeCells(context)), entries, {}, 'last');
  },
};
