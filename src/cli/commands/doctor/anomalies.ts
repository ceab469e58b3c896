import {ExitCode} from '../../../base/errors.js';
import {
  type Anomaly,
  type AnomalyCheck,
  type AnomalyReport,
  anomalyChecks,
  type Severity,
  severities,
} from '../../../cluster/anomalies/anomaly.js';
import type {Presenter} from '../../../output/formats/presenter.js';
import {formatPlural} from '../../../output/text/humanize.js';
import {shellLine} from '../../../output/text/shell-word.js';
import type {CommandContext} from '../../command-context.js';
import {parseAgeMs, parseChoice, parseChoices} from '../../line/parsers.js';
import {addTapFlag} from '../../line/stock-flags.js';
import {notice, warn} from '../../show/notices.js';
import {showGathered} from '../../show/show-results.js';
import {repeatableParser, type Verb} from '../../verb.js';
import {addStoreFlag, type StoreInput} from '../records/record-flags.js';

interface AnomaliesInput extends StoreInput {
  readonly checks?: readonly AnomalyCheck[] | undefined;
  readonly gate?: readonly string[] | undefined;
  readonly guestOlderThan?: number | undefined;
  readonly severity?: Severity | undefined;
}

const defaultGuestAgeMs = 3_600_000;

const help = `
Checks: ${anomalyChecks.join(', ')}.
Exit codes: 0 no finding above low severity, 1 a finding of high or medium severity, 3 a gate did not answer.`;

export const anomalies: Verb<AnomaliesInput> = {
  examples: [
    'gatectl anomalies --guest-older-than 12h',
    'gatectl anomalies --checks duplicate-uid,no-server -o json',
    'gatectl anomalies --checks ghost,orphan --store redis://127.0.0.1:6379/0',
  ],
  declare: (command) =>
    addTapFlag(addStoreFlag(command))
      .option(
        '--checks <names>',
        'run only these checks, comma-separated',
        parseChoices('check', anomalyChecks),
      )
      .option('--guest-older-than <duration>', 'report guests older than this (1h)', parseAgeMs)
      .option('--gate <node>', 'only this gate (repeatable)', repeatableParser(String))
      .option(
        '--severity <severity>',
        'lowest severity to show: high, medium or low (medium; low with --checks)',
        parseChoice(severities),
      )
      .addHelpText('after', help),
  run: async (context, {gate, guestOlderThan = defaultGuestAgeMs, store, severity, ...input}) => {
    const {checks = anomalyChecks} = input;
    const least = input.checks === undefined ? 'medium' : 'low'; // with --checks, show all findings of those checks
    const {findAnomalies} = await import('../../../cluster/anomalies/find-anomalies.js');
    const {now, signal} = context;
    const cluster = await context.openReader();
    const report = await findAnomalies(cluster, {
      ...{checks, gates: gate, guestOlderThan, now, signal},
      live: context.outputOptions.snapshot === undefined ? await context.openCluster() : undefined,
      store: store === undefined ? undefined : await context.openRecordReader(store),
    });
    return await show(context, report, severity ?? least);
  },
};

async function show(context: CommandContext, report: AnomalyReport, least: Severity): Promise<ExitCode> {
  const {anomalies: found, counts, checks, sessions, records, outcomes} = report;
  const isShown = (severity: Severity): boolean => severities.indexOf(severity) <= severities.indexOf(least);
  const {limit = Number.POSITIVE_INFINITY} = context.outputOptions;
  const shown = found.filter(({severity}) => isShown(severity)).slice(0, limit);
  const total = severities.filter(isShown).reduce((sum, severity) => sum + counts[severity], 0);
  const limited = shown.length < total ? {limited: true, total} : {};
  const about = {...limited, checks, sessions, records, ...counts};
  const code = await showGathered(context, anomalyPresenter, {outcomes}, shown, about, {
    quietWhenEmpty: true,
  });
  for (const {check, note} of checks) if (note !== '') await warn(context, `${check}: ${note}`);
  const bound = shown.length === limit ? ' (--limit)' : '';
  const cut = shown.length < total ? `; showing ${shown.length} of ${total}${bound}` : '';
  const all = severities.reduce((sum, severity) => sum + counts[severity], 0);
  const hidden = total < all ? '; to show all: --severity low' : '';
  const scope = `${formatPlural(sessions, 'session')} and ${formatPlural(records, 'record')}`;
  const tally = severities.map((severity) => `${counts[severity]} ${severity}`).join(', ');
  await notice(context, `checked ${scope}: ${tally}${cut}${hidden}`);
  if (code !== ExitCode.done) return code;
  return counts.high + counts.medium > 0 ? ExitCode.negative : ExitCode.done;
}

const nextOf = ({next}: Anomaly): string => shellLine(['gatectl', ...next]);

/** Presents anomalies, each with the command that investigates it. */
export const anomalyPresenter: Presenter<Anomaly> = {
  columns: [
    {header: 'SEVERITY', cell: ({severity}) => severity},
    {header: 'CHECK', cell: ({check}) => check},
    {header: 'SUBJECT', cell: ({subject}) => subject, fit: 'whole'},
    {header: 'EVIDENCE', cell: ({evidence}) => evidence, fit: 'wrap'},
    {header: 'NEXT', cell: nextOf, fit: 'wrap'},
  ],
  record: (anomaly) => ({
    severity: anomaly.severity,
    check: anomaly.check,
    subject: anomaly.subject,
    evidence: anomaly.evidence,
    sessions: anomaly.sessions,
    next: nextOf(anomaly),
  }),
  id: ({check, subject}) => `${check}/${subject}`,
};
