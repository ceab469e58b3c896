import type {Command} from 'commander';
import {shellWord} from '../../../output/text/shell-word.js';
import {matchesJournalEntry} from '../../../presentation/journal-entry-text.js';
import type {CommandContext} from '../../command-context.js';
import {type JournalEntry, readJournalEntries} from '../../journal/journal-entries.js';
import {journalEntryText, journalPresenter} from '../../journal/journal-presenter.js';
import {parseUtf8Text} from '../../line/parsers.js';
import {notice, warn} from '../../show/notices.js';
import {contextTimeFormatter, showRows} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';
import {parseRelativeTime, type ResolveRelativeTime} from './relative-time.js';

export interface AuditInput {
  readonly since?: ResolveRelativeTime | undefined;
  readonly until?: ResolveRelativeTime | undefined;
  readonly command?: string | undefined;
  readonly target?: string | undefined;
  readonly words?: string | undefined;
}

export const addAuditFilterFlags = (command: Command): Command =>
  command
    .option(
      '--since <time>',
      "only writes since 12h, yesterday, 'last night', 22:00 or a date",
      parseRelativeTime,
    )
    .option('--until <time>', 'only writes before this time', parseRelativeTime)
    .option('--command <words>', 'only writes by this command, such as kick or "settings set"', parseUtf8Text)
    .option('--target <name>', 'only writes to this session id, uid or gate', parseUtf8Text)
    .option('--words <text>', 'search actor, command, target, outcome and reason', parseUtf8Text);

export async function findAuditedEntries(
  {deps, now}: CommandContext,
  {since, until, words = '', ...filter}: AuditInput,
): Promise<readonly JournalEntry[]> {
  const range = {since: since?.(now()), until: until?.(now())};
  const all = await readJournalEntries(deps.journal, {...filter, ...range});
  return words === '' ? all : all.filter((entry) => matchesJournalEntry(journalEntryText(entry), words));
}

export const auditList: Verb<AuditInput> = {
  examples: [
    'gatectl audit list --since yesterday --command kick',
    'gatectl audit list --target u42 -o json',
  ],
  declare: addAuditFilterFlags,
  run: async (context, input) => {
    const entries = await findAuditedEntries(context, input);
    const {user} = context.flags;
    if (user !== undefined)
      await warn(
        context,
        `--user is the NATS user; for the writes of one person: gatectl audit list --words ${shellWord(String(user))}`,
      );
    if (entries.length === 0) await notice(context, `no matching writes in ${context.deps.journal.name}`);
    return await showRows(context, journalPresenter(contextTimeFormatter(context)), entries, {}, 'last');
  },
};
