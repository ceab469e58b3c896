import type {LocatedRow} from '../../cluster/cluster.js';
import {formatDuration} from '../../output/text/humanize.js';
import {sendQueueText, subscriptionsText} from '../../presentation/connection-text.js';
import {countOrDash} from '../../presentation/session-presenter.js';
import {isoTime} from '../../presentation/time-format.js';
import {splitTargetReference} from '../model/action-targets.js';
import {gateClockOffset} from '../model/derived-state.js';
import type {SessionDetailState, State} from '../model/state.js';
import type {Span} from '../text/line.js';
import {localTimeOfDay} from '../views/header.js';

/** A field of the session screen. */
type ScreenField = readonly [name: string, text: string, tone?: Span['tone']];

/** Returns the fields shown above the settings, in display order. */
export function sessionScreenFields(detail: SessionDetailState, state: State): readonly ScreenField[] {
  const {now} = state;
  const {node, id} = splitTargetReference(detail.reference);
  const {session, row} = detail;
  const observed = (detail.gone?.at ?? now) + gateClockOffset(state, node); // ages stop when the session closes
  const since = (at: number | undefined): string =>
    at === undefined || at <= 0 ? '-' : formatDuration(observed - at);
  const differs =
    session !== undefined && detail.record?.session !== undefined && detail.record.session.sessionId !== id;
  return [
    ['id', id],
    ['state', ...stateText(detail, now)],
    ['uid', session === undefined ? '-' : session.userId || '- (guest)'],
    ['gate', node],
    ['network', session === undefined ? '-' : `${session.network} ${session.ip}`],
    [
      'age',
      row === undefined ? '-' : `${since(row.connectedAt)}, since ${momentText(row.connectedAt, observed)}`,
    ],
    ['idle', `${since(row?.lastActiveAt)}${keepAliveText(row, observed)}`],
    [
      'messages',
      row === undefined
        ? '-'
        : `${countOrDash(row.received)} received, ${countOrDash(row.sent)} sent${lastSentText(row, observed)}`,
    ],
    ['waiting', ...waitingField(row, observed)],
    ['record', recordText(detail), differs ? 'warn' : undefined],
    ['topics', (row?.connectionState && subscriptionsText(row.connectionState)) ?? '-'],
    ['trace id', session === undefined || session.traceId === '' ? '-' : session.traceId],
    alsoOnField(detail),
  ];
}

/** Returns the user's other sessions. */
function alsoOnField({otherSessions}: SessionDetailState): ScreenField {
  return otherSessions.length === 0 ? ['also on', '-'] : ['also on', otherSessions.join(', '), 'warn'];
}

/** Returns when the gate will close the connection unless the client sends a packet. */
function keepAliveText(row: LocatedRow | undefined, now: number): string {
  const endsAt = row?.connectionState?.keepAliveEndsAt;
  return endsAt === undefined ? '' : `, keep-alive ends in ${formatDuration(endsAt - now)}`;
}

function lastSentText({connectionState}: LocatedRow, now: number): string {
  const at = connectionState?.lastSentAt;
  return at === undefined ? '' : `, last ${formatDuration(now - at)}`;
}

/**
 * A queue is shown as a warning if its oldest packet has waited longer than this many milliseconds.
 */
const stuckMs = 1000;

function waitingField(row: LocatedRow | undefined, now: number): readonly [string, Span['tone']?] {
  const state = row?.connectionState;
  const text = state && sendQueueText(state, now);
  if (text === undefined) return ['-'];
  const {oldestWaitingAt = now} = state ?? {};
  return now - oldestWaitingAt >= stuckMs ? [text, 'warn'] : [text];
}

/** Formats a time of day, with the date if it is more than 20 hours ago. */
function momentText(at: number, now: number): string {
  const iso = isoTime(at);
  if (iso === null) return '-';
  return now - at < 20 * 3_600_000 ? localTimeOfDay(at) : `${iso.slice(0, 16).replace('T', ' ')} UTC`;
}

function stateText(
  {gone, fault, otherSessions, session}: SessionDetailState,
  now: number,
): readonly [string, Span['tone']] {
  if (gone !== undefined) {
    const age = `GONE ${formatDuration(now - gone.at)} ago`;
    if (otherSessions.length > 0) return [`${age}; BACK: Enter`, 'warn'];
    return [`${age}: ${gone.why}`, 'bad'];
  }
  if (fault !== undefined) return [`STALE: ${fault}`, 'bad'];
  if (session === undefined) return ['asking its gate …', 'dim'];
  if (otherSessions.length > 0) return ['live, and online elsewhere', 'warn'];
  return ['live', 'good'];
}

function recordText({record, recordFault, session}: SessionDetailState): string {
  if (record !== undefined) {
    const {session: stored, undecodable, revision} = record;
    if (undecodable !== undefined) return `not decodable: ${undecodable}`;
    const same = stored?.sessionId === session?.sessionId;
    return `${same ? '' : `of session ${stored?.sessionId || '-'}, `}revision ${revision || '-'}`;
  }
  return recordFault ?? (session?.userId === '' ? 'none (guest)' : '-');
}
