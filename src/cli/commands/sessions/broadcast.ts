import {DeclinedError, type ExitCode} from '../../../base/errors.js';
import type {Cluster} from '../../../cluster/cluster.js';
import {hasAnyAnswer} from '../../../cluster/incomplete-error.js';
import {missingGatesText} from '../../../cluster/read/gather.js';
import {unknownTargetsError} from '../../../cluster/write/select-targets.js';
import {formatCount, formatPlural} from '../../../output/text/humanize.js';
import type {CommandContext} from '../../command-context.js';
import {
  addMessageArguments,
  type MessageBodyInput,
  maxMessageBytes,
  readMessageBody,
} from '../../line/message-body.js';
import {parseCount, parseTopic} from '../../line/parsers.js';
import {confirmWrite, gateQuestionLine} from '../../show/confirm-write.js';
import {notice, warn} from '../../show/notices.js';
import {showGathered} from '../../show/show-results.js';
import {repeatableParser, type Verb} from '../../verb.js';
import {broadcastPresenter} from './count-presenter.js';

interface BroadcastInput extends MessageBodyInput {
  readonly topic: string;
  readonly gate?: readonly string[] | undefined;
  readonly dryRun?: boolean;
  /** Expected number of connected clients. */
  readonly expect?: number;
}

export const broadcast: Verb<BroadcastInput> = {
  examples: [
    "gatectl broadcast notice 'maintenance in 5 minutes' --dry-run",
    'gatectl broadcast shop/offer --gate Gate@a1 --file offer.json --yes --expect 1204',
  ],
  declare: (command) =>
    addMessageArguments(command.argument('<topic>', 'topic to publish to', parseTopic))
      .option('--gate <node>', 'send only to clients of this gate (repeatable)', repeatableParser(String))
      .option('--dry-run', 'show how many clients each gate has; send nothing')
      .option('--expect <count>', 'proceed only if exactly this many clients are connected', parseCount),
  confirms: true,
  run: async (context, input) => {
    const body = await readMessageBody(input, () => context.io.in.readAll(maxMessageBytes));
    const cluster = await context.openCluster();
    const {topic, gate, dryRun = false, expect} = input;
    const about = {topic, bytes: body.length};
    if (expect !== undefined) await refuseUnexpected(context, cluster, gate, expect);
    if (dryRun) return await showClients(context, cluster, gate, about);
    if (!context.outputOptions.yes) await confirmBroadcast(context, cluster, gate, about);
    const sent = await cluster.broadcast(topic, body, gate);
    const rows = [...sent.results].map(([node, clients]) => ({node, clients}));
    const clients = rows.reduce((sum, row) => sum + row.clients, 0);
    return showGathered(context, broadcastPresenter, sent, rows, {...about, clients});
  },
};

interface Message {
  readonly topic: string;
  readonly bytes: number;
}

/** Rejects with DeclinedError if the number of connected clients differs, or if a gate does not report its number. */
async function refuseUnexpected(
  context: CommandContext,
  cluster: Cluster,
  gates: readonly string[] | undefined,
  expect: number,
): Promise<void> {
  const {results, outcomes} = await cluster.count({gates, signal: context.signal});
  if (outcomes.some(({status}) => status === 'failed')) {
    if (!context.outputOptions.allowPartial || !hasAnyAnswer(outcomes)) throw unknownTargetsError(outcomes);
    await warn(context, `${missingGatesText(outcomes)}; their clients are not counted`);
  }
  const clients = [...results.values()].reduce((sum, {sessions}) => sum + sessions, 0);
  if (clients === expect) return;
  throw new DeclinedError(
    `${formatPlural(clients, 'client')} connected, not ${formatCount(expect)}; nothing was sent`,
    {hint: 'to count them: --dry-run'},
  );
}

async function showClients(
  context: CommandContext,
  cluster: Cluster,
  gates: readonly string[] | undefined,
  about: Message,
): Promise<ExitCode> {
  const counted = await cluster.count({gates, signal: context.signal});
  const rows = [...counted.results].map(([node, {sessions: clients}]) => ({node, clients}));
  const clients = rows.reduce((sum, row) => sum + row.clients, 0);
  const code = await showGathered(context, broadcastPresenter, counted, rows, {
    ...{would: 'broadcast', ...about},
    clients,
  });
  await notice(context, `would broadcast to ${formatPlural(clients, 'client')}; nothing was sent`);
  return code;
}

/** Asks for confirmation: the context name must be typed for a broadcast to all gates; y/N for one to given gates. */
async function confirmBroadcast(
  context: CommandContext,
  cluster: Cluster,
  gates: readonly string[] | undefined,
  {topic, bytes}: Message,
): Promise<void> {
  const counted = context.isInteractive ? await cluster.count({gates, signal: context.signal}) : undefined;
  const counts = new Map(
    [...(counted?.results ?? [])].map(([node, {sessions}]) => [node, sessions] as const),
  );
  await confirmWrite(context, {
    question: `broadcast ${formatPlural(bytes, 'byte')} on "${topic}" to every client${gates === undefined ? '' : ` of ${gates.join(', ')}`}?`,
    lines: [gateQuestionLine(counts)],
    answer: gates === undefined ? 'name' : 'yes',
  });
}
