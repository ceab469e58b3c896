import {severities} from '../../../cluster/anomalies/anomaly.js';
import type {ClusterEvent} from '../../../cluster/cluster.js';
import {formatDuration, formatPlural} from '../../../output/text/humanize.js';
import {
  clusterEventDetail,
  clusterEventName,
  clusterEventTime,
} from '../../../presentation/event-presenter.js';
import {hasFewSessions} from '../../model/derived-state.js';
import type {NotableEvent, State} from '../../model/state.js';
import {
  type DrawStyle,
  dimSpan,
  fitToWidth,
  type Line,
  lineOf,
  safeSpanText,
  tonedSpan,
} from '../../text/line.js';
import {localTimeOfDay} from '../header.js';
import {recordsByGate} from './anomalies.js';
import {blockTitle} from './line-blocks.js';

interface Entry {
  readonly at: number;
  readonly tone: 'good' | 'warn' | 'bad' | 'dim';
  readonly sign: string;
  readonly subject: string;
  readonly text: string;
}

interface KeptBlock {
  readonly key: string;
  readonly notable: State['notable'];
  readonly calm: State['events']['received'];
  readonly lines: readonly Line[];
}

let last: KeptBlock | undefined;

/**
 * Draws the latest notable events, newest first. On a calm cluster, session events fill the
 * remaining rows. The lines are the same objects until an event is added.
 */
export function notableEventsBlock(
  state: State,
  width: number,
  rows: number,
  style: DrawStyle,
): readonly Line[] {
  const {notable} = state;
  const calm = calmEvents(state);
  const key = `${width} ${rows} ${style.ascii}`;
  if (last === undefined || last.key !== key || last.notable !== notable || last.calm !== calm)
    last = {key, notable, calm, lines: drawnBlock(notable, calm, {width, rows}, style)};
  return last.lines;
}

function drawnBlock(
  all: State['notable'],
  calm: State['events']['received'],
  {width, rows}: {readonly width: number; readonly rows: number},
  style: DrawStyle,
): readonly Line[] {
  const room = Math.max(0, rows - 1);
  const notable = all.slice(-room).map(entryOf);
  const fill = sessionEntries(calm).slice(notable.length - room);
  const shown = [...(notable.length < room ? fill : []), ...notable].sort((one, other) => other.at - one.at);
  const subjectWidth = Math.min(16, Math.max(0, ...shown.map(({subject}) => style.measure(subject))));
  const lines = shown.map(({at, tone, sign, subject, text}) =>
    lineOf(
      dimSpan(`  ${localTimeOfDay(at)} `),
      tonedSpan(tone, `${sign} `),
      {text: `${fitToWidth(subject, subjectWidth, style)} `, tone: tone === 'dim' ? 'dim' : undefined},
      {text: text, tone: tone === 'bad' ? 'bad' : tone === 'dim' ? 'dim' : undefined},
    ),
  );
  const empty = lineOf(dimSpan('  nothing notable since the dashboard started'));
  return [blockTitle('EVENTS', '', width, style), ...(shown.length === 0 ? [empty] : lines)].slice(0, rows);
}

const signs = {good: '+', warn: '~', bad: '!'} as const;

const entryOf = ({at, tone, subject, text}: NotableEvent): Entry => ({
  ...{at, tone, sign: signs[tone]},
  subject: safeSpanText(subject),
  text: safeSpanText(text),
});

/** Maximum number of recent session events to show; more would only flicker. */
const mostCalm = 100;
const calmMs = 10_000;

const noEvents: State['events']['received'] = [];

/** Returns the received events; empty while they arrive so fast that they would flicker. */
function calmEvents({events: {received}, now}: State): State['events']['received'] {
  const busy = received.at(-mostCalm)?.clusterEvent;
  return busy !== undefined && now - clusterEventTime(busy) < calmMs ? noEvents : received;
}

function sessionEntries(received: State['events']['received']): readonly Entry[] {
  return received
    .slice(-mostCalm)
    .flatMap(({clusterEvent}) => (clusterEvent.type === 'event' ? [sessionEntry(clusterEvent)] : []));
}

function sessionEntry(event: ClusterEvent & {readonly type: 'event'}): Entry {
  const {userId, sessionId} = event.event.session;
  const text = `${clusterEventName(event)} ${userId || sessionId} ${clusterEventDetail(event)}`;
  return {
    at: clusterEventTime(event),
    tone: 'dim',
    sign: ' ',
    subject: safeSpanText(event.node),
    text: safeSpanText(text),
  };
}

const severityTones = {high: 'bad', medium: 'warn', low: 'dim'} as const;

/** Draws the worst anomalies of the last check. */
export function worstAnomaliesBlock(
  state: State,
  width: number,
  rows: number,
  style: DrawStyle,
): readonly Line[] {
  const {report, at, fault} = state.anomalies;
  const title = (remark: string): Line => blockTitle('ANOMALIES', remark, width, style);
  if (report === undefined) return [title(uncheckedText(state, fault))];
  const counts = severities
    .filter((severity) => report.counts[severity] > 0)
    .map((severity) => `${report.counts[severity]} ${severity}`);
  const age = formatDuration(state.now - at);
  const all = counts.length === 0 ? 'none' : [...counts, ...recordsByGate(report)].join(', ');
  const lines = report.anomalies
    .slice(0, Math.max(0, rows - 1))
    .map(({check, severity, subject, evidence}) =>
      lineOf(
        tonedSpan(severityTones[severity], `  ${severity.padEnd(6)} `),
        `${check.padEnd(13)} `,
        tonedSpan('strong', `${safeSpanText(subject)} `),
        dimSpan(safeSpanText(evidence)),
      ),
    );
  const good = lineOf(
    tonedSpan('good', '  + '),
    dimSpan(`none among ${formatPlural(report.sessions, 'session')}; 7 checks records too`),
  );
  return [title(`${all}, checked ${age} ago`), ...(counts.length === 0 ? [good] : lines)].slice(0, rows);
}

function uncheckedText(state: State, fault: string | undefined): string {
  if (fault !== undefined) return fault;
  return hasFewSessions(state) ? 'checking …' : 'not checked: press 7';
}
