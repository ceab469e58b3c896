import {timeoutSignal} from '../../../base/abort-signals.js';
import {ExitCode} from '../../../base/errors.js';
import type {ClusterEvent} from '../../../cluster/cluster.js';
import {documentVersion} from '../../../output/formats/presenter.js';
import {streamHeader, streamRowFormatter} from '../../../output/formats/stream-rows.js';
import {formatPlural} from '../../../output/text/humanize.js';
import {safeJson} from '../../../output/text/safe-text.js';
import {eventPresenter} from '../../../presentation/event-presenter.js';
import {eventTimeFormatter} from '../../../presentation/time-format.js';
import {type EventKind, eventKinds} from '../../../session/codec/event-page.js';
import {addSelectorFlags, parseSelectorFlags, type SelectorInput} from '../../bulk/selector-flags.js';
import type {CommandContext} from '../../command-context.js';
import {parseChoices, parseDurationMs} from '../../line/parsers.js';
import {warn} from '../../show/notices.js';
import {noticeLimitReached} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';

interface SessionsWatchInput extends SelectorInput {
  readonly for?: number | undefined;
  readonly kinds?: readonly EventKind[] | undefined;
}

/** Kinds as other tools name them. */
const kindSynonyms: Readonly<Record<string, EventKind>> = {
  ...{connect: 'connected', connects: 'connected', open: 'connected', login: 'connected', join: 'connected'},
  ...{disconnect: 'closed', disconnects: 'closed', disconnected: 'closed', close: 'closed', leave: 'closed'},
  ...{kick: 'closed', bind: 'bound', unbind: 'unbound', setting: 'settings'},
};

const parseKnownKinds = parseChoices('event kind', eventKinds);

const parseKinds = Object.assign((text: string): readonly EventKind[] => {
  const kinds = text.split(',').map((word) => word.trim());
  return parseKnownKinds(kinds.map((word) => kindSynonyms[word] ?? word).join(','));
}, parseKnownKinds);

/** Column widths of TIME, EVENT, SESSION, UID and GATE. */
const widths = [12, 11, 16, 16, 16];

export const sessionsWatch: Verb<SessionsWatchInput> = {
  examples: [
    'gatectl sessions watch --uid u42',
    'gatectl sessions watch --kinds connected,closed --for 10m -o jsonl',
  ],
  declare: (command) =>
    addSelectorFlags(command)
      .option('--kinds <kinds>', `show only these events: ${eventKinds.join(', ')}`, parseKinds)
      .option('--for <duration>', 'stop after this long (default: on Ctrl-C)', parseDurationMs),
  handlesAbort: true,
  run: async (context, {for: forMs, kinds, ...input}) => {
    const {io, outputOptions, signal} = context;
    const {format} = outputOptions;
    const presenter = eventPresenter(eventTimeFormatter(format));
    const line = streamRowFormatter(format, presenter, widths);
    const selection = await parseSelectorFlags(input);
    const cluster = await context.openCluster({reconnect: true});
    const ends = forMs === undefined ? signal : AbortSignal.any([signal, timeoutSignal(forMs)]);
    await io.out.write(streamHeader(format, presenter, widths, outputOptions.header));
    const counts = {events: 0, gaps: 0};
    const states = new Map<string, string>();
    for await (const entry of cluster.watch({...selection, signal: ends})) {
      if (!isShown(entry, kinds)) continue;
      await io.out.write(line(entry));
      if (entry.type === 'gap') counts.gaps += 1;
      if (entry.type === 'gate' && states.get(entry.node) !== 'watching') states.set(entry.node, entry.state);
      if (entry.type !== 'event') continue;
      counts.events += 1;
      if (counts.events === outputOptions.limit) break;
    }
    const limited = counts.events === outputOptions.limit ? {limited: true, total: null} : {};
    if (format === 'jsonl')
      await io.out.write(`${safeJson({summary: {version: documentVersion, ...counts, ...limited}})}\n`);
    await noticeLimitReached(context, counts.events, limited);
    const code = await watchExitCode(context, counts.gaps, states);
    signal.throwIfAborted();
    return code;
  },
};
/**
 * Returns the exit code of a finished watch: `partial` if events were missed, `unreachable` if no gate answered. `states` maps
 * each gate to its last state; a gate that was ever watched keeps the state `watching`.
 */
async function watchExitCode(
  context: CommandContext,
  gaps: number,
  states: ReadonlyMap<string, string>,
): Promise<ExitCode> {
  if (states.size === 0) {
    await warn(context, 'the watch is empty: no gate was registered');
    return ExitCode.unreachable;
  }
  const unheard = [...states].filter(([, state]) => state !== 'watching' && state !== 'gone');
  if (gaps === 0 && unheard.length === 0) return ExitCode.done;
  const missed = [
    ...(gaps > 0 ? [formatPlural(gaps, 'gap')] : []),
    ...(unheard.length > 0 ? [`no events from ${unheard.map(([node]) => node).join(', ')}`] : []),
  ];
  await warn(context, `the watch is incomplete: ${missed.join('; ')}`);
  const allUnheard = unheard.length > 0 && unheard.length === states.size;
  if (allUnheard)
    return unheard.every(([, state]) => state === 'silent') ? ExitCode.unreachable : ExitCode.partial;
  return context.outputOptions.allowPartial ? ExitCode.done : ExitCode.partial;
}

/** Whether to print an entry. Gaps and changes of gate state are always printed. */
function isShown(entry: ClusterEvent, kinds: readonly EventKind[] | undefined): boolean {
  return entry.type !== 'event' || kinds === undefined || kinds.includes(entry.event.kind);
}
