import type {ClusterEvent} from '../../../cluster/cluster.js';
import {UsageError} from '../../../errors.js';
import {safeJson} from '../../../output/safe-text.js';
import {documentVersion} from '../../../output/sheet.js';
import {rowLine} from '../../../output/stream-rows.js';
import {type EventKind, eventKinds} from '../../../session/event.js';
import {eventSheet} from '../../../sheets/event-sheet.js';
import {clockFor} from '../../../sheets/time.js';
import {timeoutSignal} from '../../../signals.js';
import {parseDurationMs} from '../../parsers.js';
import {noticeLimit} from '../../present.js';
import {type SelectorInput, selectionOf, withSelector} from '../../selector-flags.js';
import type {Verb} from '../../verb.js';

export interface SessionsWatchInput extends SelectorInput {
  readonly for?: number | undefined;
  readonly kinds?: readonly EventKind[] | undefined;
}

/** Time, event, session, uid, gate. */
const widths = [12, 11, 16, 16, 16];

export const sessionsWatch: Verb<SessionsWatchInput> = {
  examples: [
    'gatectl sessions watch --uid u42',
    'gatectl sessions watch --kinds connected,closed --for 10m -o jsonl',
  ],
  declare: (command) =>
    withSelector(command)
      .option('--kinds <kinds>', `only these: ${eventKinds.join(', ')}`, parseKinds)
      .option('--for <duration>', 'end after this long (until Ctrl-C)', parseDurationMs),
  endsItself: true,
  run: async (context, {for: forMs, kinds, ...input}) => {
    const {io, manners, signal} = context;
    const line = rowLine(manners.format, eventSheet(clockFor(manners.format)), widths);
    const selection = await selectionOf(input);
    const cluster = await context.openCluster({reconnect: true});
    const ends = forMs === undefined ? signal : AbortSignal.any([signal, timeoutSignal(forMs)]);
    const counts = {events: 0, gaps: 0};
    for await (const told of cluster.watch({...selection, signal: ends})) {
      if (!isWanted(told, kinds)) continue;
      await io.out.write(line(told));
      if (told.type === 'gap') counts.gaps += 1;
      if (told.type !== 'event') continue;
      counts.events += 1;
      if (counts.events === manners.limit) break;
    }
    const limited = counts.events === manners.limit ? {limited: true, total: null} : {};
    if (manners.format === 'jsonl')
      await io.out.write(`${safeJson({summary: {version: documentVersion, ...counts, ...limited}})}\n`);
    await noticeLimit(context, counts.events, limited);
    signal.throwIfAborted();
    return undefined;
  },
};

/** Gaps and what becomes of gates are always told. */
function isWanted(told: ClusterEvent, kinds: readonly EventKind[] | undefined): boolean {
  return told.type !== 'event' || kinds === undefined || kinds.includes(told.event.kind);
}

function parseKinds(text: string): readonly EventKind[] {
  return text.split(',').map((word) => {
    const kind = eventKinds.find((name) => name === word.trim());
    if (kind !== undefined) return kind;
    throw new UsageError(`"${word}" is no kind of event`, {hint: `choose from ${eventKinds.join(', ')}`});
  });
}
