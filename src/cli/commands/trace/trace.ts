import {timeoutSignal} from '../../../base/abort-signals.js';
import {UsageError} from '../../../base/errors.js';
import type {TraceEvent, TraceQuery, TraceSummary} from '../../../cluster/cluster.js';
import {parseSelectorFlags} from '../../bulk/selector-flags.js';
import type {CommandContext} from '../../command-context.js';
import {parseDurationMs, parseNatsSubject, parseUtf8Text} from '../../line/parsers.js';
import {noticeAndFlush} from '../../show/notices.js';
import {noticeLimitReached} from '../../show/show-results.js';
import {repeatableParser, type Verb} from '../../verb.js';
import {createCallOutput, createSummaryOutput, reportTraceLosses} from './trace-output.js';

type Texts = readonly string[] | undefined;

interface TraceInput {
  readonly where?: Texts;
  readonly fn?: Texts;
  readonly node?: Texts;
  readonly uid?: Texts;
  readonly session?: Texts;
  readonly slow?: number;
  readonly errors?: boolean;
  readonly bodies?: boolean;
  readonly summary?: boolean;
  readonly for?: number;
  readonly wait?: number;
  readonly subject?: Texts;
  readonly save?: string;
  readonly from?: string;
}

export const trace: Verb<TraceInput> = {
  examples: [
    'gatectl trace --uid u42 --for 30s',
    "gatectl trace --fn 'HD_*' --errors --slow 100ms -o jsonl",
    'gatectl trace --summary --for 1m --save incident.capture',
    'gatectl trace --from incident.capture --node Gate@a1',
  ],
  declare: (command) =>
    command
      .option(
        '--where <expression>',
        'match calls about sessions selected by an expression',
        repeatableParser(parseUtf8Text),
      )
      .option(
        '--fn <name>',
        'match this function; * matches any characters (repeatable)',
        repeatableParser(parseUtf8Text),
      )
      .option('--node <node>', 'match calls to this node or node type (repeatable)', repeatableParser(String))
      .option(
        '--uid <uid>',
        'match calls about this uid; * matches any characters (repeatable)',
        repeatableParser(parseUtf8Text),
      )
      .option(
        '--session <id>',
        'match calls about this session (repeatable)',
        repeatableParser(parseUtf8Text),
      )
      .option('--slow <duration>', 'show only calls that took at least this long', parseDurationMs)
      .option('--errors', 'show only failed and unanswered calls')
      .option('--bodies', 'show arguments and results, with secrets masked')
      .option('--summary', 'show counts, errors and latencies per function only')
      .option('--for <duration>', 'stop after this long (default: on Ctrl-C)', parseDurationMs)
      .option('--wait <duration>', 'treat a call as unanswered after this long (15s)', parseDurationMs)
      .option(
        '--subject <subject>',
        'also subscribe to this NATS subject (repeatable)',
        repeatableParser(parseNatsSubject),
      )
      .option('--save <file>', 'save all messages, including bodies, to a new file')
      .option('--from <file>', 'read a file saved with --save instead of the bus'),
  handlesAbort: true,
  run: async (context, input) => {
    const {signal, outputOptions} = context;
    const output = input.summary === true ? createSummaryOutput(context) : createCallOutput(context);
    const enough = new AbortController();
    const left = input.for === undefined ? [] : [timeoutSignal(input.for)];
    const events = await eventsOf(context, input, AbortSignal.any([signal, enough.signal, ...left]));
    const {limit = Number.POSITIVE_INFINITY} = outputOptions;
    let shown = 0;
    let last: TraceSummary | undefined;
    for await (const entry of events) {
      if (entry.type === 'summary' && entry.final) last = entry.summary;
      else if (entry.type === 'summary') await output.refresh(entry.summary);
      else if (entry.type === 'notice') await noticeAndFlush(context, entry.message);
      else if (shown < limit) {
        await output.row(entry);
        if (entry.type === 'call') shown += 1;
      }
      if (shown >= limit) enough.abort(); // calls that were received meanwhile still follow
    }
    if (last === undefined) return undefined;
    const cut = shown >= limit ? {limited: true, total: null} : {};
    await output.end(last, cut);
    await noticeLimitReached(context, shown, cut);
    const code = await reportTraceLosses(context, last);
    signal.throwIfAborted();
    return code;
  },
};

async function eventsOf(
  context: CommandContext,
  input: TraceInput,
  signal: AbortSignal,
): Promise<AsyncIterable<TraceEvent>> {
  const {where} = await parseSelectorFlags({where: input.where});
  const query: TraceQuery = {
    ...{fns: input.fn, nodes: input.node, uids: input.uid, sessions: input.session, where},
    ...{slowMs: input.slow, errorsOnly: input.errors, bodies: input.bodies, waitMs: input.wait},
    ...{calls: input.summary !== true, subjects: input.subject, saveTo: input.save, signal},
    ...(input.summary === true ? {summaryEveryMs: 1000} : {}),
  };
  if (input.from === undefined) return (await context.openCluster({reconnect: true})).trace(query);
  for (const flag of ['save', 'for', 'subject'] as const) {
    if (input[flag] !== undefined)
      throw new UsageError(`cannot combine --${flag} with --from`, {hint: `remove --${flag} or --from`});
  }
  const {replayCapture} = await import('../../../cluster/trace/capture/replay-capture.js');
  return replayCapture(input.from, query);
}
