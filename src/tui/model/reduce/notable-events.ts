import {formatCount, formatDuration, formatPlural} from '../../../output/text/humanize.js';
import type {Action} from '../action.js';
import type {GateState} from '../gate-metrics.js';
import type {NotableEvent, State} from '../state.js';

/** Maximum number of notable events kept in memory. */
const mostNotable = 200;
/**
 * A gate's loss is notable if it loses at least this fraction of its connections between two polls,
 * and at least `lostLeast` of them.
 */
const lostPart = 0.1;
const lostLeast = 20;
/** Storage counts as behind after this many consecutive polls with unsaved sessions. */
const behindPolls = 3;

/** Adds notable events for changes of whole gates or of the connection between two states. */
export function withNotableEvents(before: State, after: State, action: Action): State {
  if (before.gates === after.gates && before.link === after.link) return after;
  const at = 'at' in action ? action.at : after.now;
  const added = [...linkEvents(before, after, at), ...gateEvents(before, after, at)];
  if (added.length === 0) return after;
  return {...after, notable: [...after.notable, ...added].slice(-mostNotable)};
}

function linkEvents({link: before}: State, {link}: State, at: number): readonly NotableEvent[] {
  if (before.state === link.state || before.state === 'connecting') return [];
  return link.state === 'lost'
    ? [{at, subject: 'bus', tone: 'bad', text: 'connection lost'}]
    : [
        {
          at,
          subject: 'bus',
          tone: 'good',
          text: `connected again after ${formatDuration(at - before.since)}`,
        },
      ];
}

function gateEvents(before: State, after: State, at: number): readonly NotableEvent[] {
  if (before.gates === after.gates) return [];
  const isFirst = before.gates.size === 0;
  return [...after.gates.values()].flatMap((gate) => {
    const known = before.gates.get(gate.id);
    if (known === gate || (known === undefined && isFirst)) return [];
    return changesOf(known, gate, at).map(([tone, text]) => ({at, subject: gate.id, tone, text}));
  });
}

type Change = readonly [tone: NotableEvent['tone'], text: string];

function changesOf(before: GateState | undefined, gate: GateState, at: number): readonly Change[] {
  if (before === undefined) return [['good', 'joined the cluster']];
  const changes: Change[] = [];
  const add = (...change: Change): unknown => changes.push(change);
  if (before.leftAt === undefined && gate.leftAt !== undefined) add('bad', 'left the registry');
  if (before.leftAt !== undefined && gate.leftAt === undefined) add('good', 'is back in the registry');
  if (before.failure === undefined && gate.failure !== undefined)
    add('bad', `does not answer: ${gate.failure.message}`);
  if (before.failure !== undefined && gate.failure === undefined)
    add('good', `answers again after ${formatDuration(at - before.failure.since)}`);
  if (gate.gap !== undefined && gate.gap !== before.gap && gate.gap.why !== before.gap?.why)
    add('warn', `events missed: ${gate.gap.why}`);
  if (before.samples !== gate.samples) changes.push(...sampleChanges(before, gate));
  return changes;
}

function sampleChanges(before: GateState, {samples}: GateState): readonly Change[] {
  const changes: Change[] = [];
  const [last, now] = [before.samples.at(-1), samples.at(-1)];
  if (last === undefined || now === undefined) return [];
  if (!Object.is(last.startedAt, now.startedAt)) return [['warn', 'was restarted']]; // NaN for a stock gate, which does not report this
  const lost = now.disconnects - last.disconnects;
  if (lost >= lostLeast && lost >= last.sessions * lostPart)
    changes.push(['bad', `lost ${formatPlural(lost, 'connection')} in ${formatDuration(now.at - last.at)}`]);
  const [wasBehind, isBehind] = [isStoreBehind(before), isStoreBehind({samples})];
  if (!wasBehind && isBehind) changes.push(['warn', `${formatCount(now.dirty)} sessions not stored yet`]);
  if (wasBehind && !isBehind) changes.push(['good', 'storage has caught up']);
  return changes;
}

function isStoreBehind({samples}: Pick<GateState, 'samples'>): boolean {
  const recent = samples.slice(-behindPolls);
  return recent.length === behindPolls && recent.every(({dirty}) => dirty > 0);
}
