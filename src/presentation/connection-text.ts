import type {LocatedRow} from '../cluster/cluster.js';
import type {Column, Fields} from '../output/formats/presenter.js';
import {byteCount, duration, plural} from '../output/text/humanize.js';
import type {ConnectionState, TopicSubscription} from '../session/connection-state.js';
import {isoTime, type TimeCell} from './time.js';

/** Columns of a connection; `-` for what a gate does not report. */
export function connectionColumns(time: TimeCell): readonly Column<LocatedRow>[] {
  const column = (header: string, cell: (state: ConnectionState, row: LocatedRow) => string) => ({
    header,
    cell: (row: LocatedRow) => (row.connectionState && cell(row.connectionState, row)) || '-',
    align: 'right' as const,
  });
  return [
    column('WAITING', ({waitingBytes}) => (waitingBytes === undefined ? '' : byteCount(waitingBytes))),
    column('PACKETS', ({waitingPackets}) => String(waitingPackets ?? '')),
    column('OLDEST', ({oldestWaitingAt = 0}, {observedAt}) => time(oldestWaitingAt, observedAt)),
    column('LAST-SENT', ({lastSentAt = 0}, {observedAt}) => time(lastSentAt, observedAt)),
    column('KEEP-ALIVE', ({keepAliveEndsAt}, {observedAt}) => leftText(keepAliveEndsAt, observedAt)),
  ];
}

/** Time until a moment; empty when one of the times is unknown. */
const leftText = (at: number | undefined, observedAt: number | undefined): string =>
  at === undefined || observedAt === undefined ? '' : duration(at - observedAt);

/** Describes the queue of a connection: `nothing`, or `12 KiB, oldest 2m5s, 31 packets`. */
export function waitingText(state: ConnectionState, observedAt: number | undefined): string | undefined {
  const {waitingBytes, waitingPackets, oldestWaitingAt} = state;
  if (waitingBytes === undefined) return undefined;
  if (waitingBytes === 0) return 'nothing';
  const packets = waitingPackets === undefined ? '' : `, ${plural(waitingPackets, 'packet')}`;
  const isAged = oldestWaitingAt !== undefined && observedAt !== undefined;
  const oldest = isAged ? `, oldest ${duration(observedAt - oldestWaitingAt)}` : '';
  return `${byteCount(waitingBytes)}${oldest}${packets}`;
}

/** Fields of a connection, without those that its gate does not report. */
export function connectionFields(
  {connectionState, observedAt}: LocatedRow,
  time: TimeCell,
): Fields['fields'] {
  if (connectionState === undefined) return [];
  const {lastSentAt, keepAliveEndsAt} = connectionState;
  const left = leftText(keepAliveEndsAt, observedAt);
  const fields: readonly (readonly [string, string | undefined])[] = [
    ['waiting', waitingText(connectionState, observedAt)],
    ['last sent', lastSentAt === undefined ? undefined : time(lastSentAt, observedAt)],
    ['keep-alive', left === '' ? undefined : `ends in ${left} without a packet`],
    ['subscriptions', subscriptionsText(connectionState)],
  ];
  return fields.flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const]));
}

/** Filters named in a text; all are in JSON. */
const mostFilters = 20;

/** Lists the filters: `none`, or `chat/# (QoS 1), news (QoS 0) and 3 more`. Undefined when the gate knows none of them. */
export function subscriptionsText(state: ConnectionState): string | undefined {
  const {subscriptions, subscriptionCount = subscriptions?.length} = state;
  if (subscriptionCount === undefined) return undefined;
  if (subscriptionCount === 0) return 'none';
  if (subscriptions === undefined) return plural(subscriptionCount, 'filter');
  const named = subscriptions.slice(0, mostFilters).map(({filter, qos}) => `${filter} (QoS ${qos})`);
  const more = subscriptionCount - named.length;
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

interface ConnectionJson {
  readonly waitingBytes?: number;
  readonly waitingPackets?: number;
  readonly oldestWaitingAt?: string | null;
  readonly lastSentAt?: string | null;
  readonly keepAliveEndsAt?: string | null;
}

/** The members `connection` and `subscriptions`, each only when its gate reports it. */
export function connectionJson({connectionState}: {readonly connectionState?: ConnectionState | undefined}): {
  readonly connection?: ConnectionJson;
  readonly subscriptions?: readonly TopicSubscription[];
} {
  if (connectionState === undefined) return {};
  const {waitingBytes, waitingPackets, subscriptions} = connectionState;
  const {oldestWaitingAt, lastSentAt, keepAliveEndsAt} = connectionState;
  return {
    connection: {
      ...(waitingBytes !== undefined && {waitingBytes}),
      ...(waitingPackets !== undefined && {waitingPackets}),
      ...(oldestWaitingAt !== undefined && {oldestWaitingAt: isoTime(oldestWaitingAt)}),
      ...(lastSentAt !== undefined && {lastSentAt: isoTime(lastSentAt)}),
      ...(keepAliveEndsAt !== undefined && {keepAliveEndsAt: isoTime(keepAliveEndsAt)}),
    },
    ...(subscriptions !== undefined && {subscriptions}),
  };
}
