import type {Command} from 'commander';
import {hasWords} from '../../../sheets/journal-words.js';
import type {CommandContext} from '../../context.js';
import {entriesOf, type JournalEntry} from '../../journal-entries.js';
import {parseAge, parseText} from '../../parsers.js';
import {showRows, times} from '../../present.js';
import {journalSheet, journalWords} from '../../sheets/journal-sheet.js';
import {notice} from '../../talk.js';
import type {Verb} from '../../verb.js';

export interface AuditInput {
  readonly since?: number | undefined;
  readonly command?: string | undefined;
  readonly target?: string | undefined;
  readonly words?: string | undefined;
}

export const withAudit = (command: Command): Command =>
  command
    .option('--since <duration>', 'only of the last 90s, 5m, 12h or 7d', parseAge)
    .option('--command <words>', 'only of this command: "settings set"', parseText)
    .option('--target <name>', 'only what names this session id, uid or gate', parseText)
    .option('--words <text>', 'only with this in who, command, target, outcome or reason', parseText);

export async function wantedEntries(
  {host, now}: CommandContext,
  {since, words = '', ...filter}: AuditInput,
): Promise<readonly JournalEntry[]> {
  const from = since === undefined ? undefined : now() - since;
  const all = await entriesOf(host.journal, {...filter, since: from});
  return words === '' ? all : all.filter((entry) => hasWords(journalWords(entry), words));
}

export const auditList: Verb<AuditInput> = {
  examples: ['gatectl audit list --since 12h', 'gatectl audit list --target u42 -o json'],
  declare: withAudit,
  run: async (context, input) => {
    const entries = await wantedEntries(context, input);
    if (entries.length === 0) await notice(context, `nothing of that in ${context.host.journal.name}`);
    return await showRows(context, journalSheet(times(context)), entries, {}, 'last');
  },
};
