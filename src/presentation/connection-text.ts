import type {LocatedRow} from '../cluster/cluster.js';
import type {UnsubscribedCount} from '../cluster/write/count-unsubscribed.js';
import type {Column, ItemFields} from '../output/formats/presenter.js';
import {formatBytes, formatDuration, formatPlural} from '../output/text/humanize.js';
import type {ConnectionState, TopicSubscription} from '../session/connection-state.js';
import {isoTime, type TimeCellFormatter} from './time-format.js';

/** Returns the columns of a connection's state. A cell is `-` if the gate does not report its value. */
export function connectionColumns(time: TimeCellFormatter): readonly Column<LocatedRow>[] {
  const column = (header: string, cell: (state: ConnectionState, row: LocatedRow) => string) => ({
    header,
    cell: (row: LocatedRow) => (row.connectionState && cell(row.connectionState, row)) || '-',
    align: 'right' as const,
  });
  return [
    column('WAITING', ({waitingBytes}) => (waitingBytes === undefined ? '' : formatBytes(waitingBytes))),
    column('PACKETS', ({waitingPackets}) => String(waitingPackets ?? '')),
    column('OLDEST', ({oldestWaitingAt = 0}, {observedAt}) => time(oldestWaitingAt, observedAt)),
    column('LAST SENT', ({lastSentAt = 0}, {observedAt}) => time(lastSentAt, observedAt)),
    column('KEEP-ALIVE', ({keepAliveEndsAt}, {observedAt}) => leftText(keepAliveEndsAt, observedAt)),
  ];
}

/** Formats the time left until `at`; empty if either time is unknown. */
const leftText = (at: number | undefined, observedAt: number | undefined): string =>
  at === undefined || observedAt === undefined ? '' : formatDuration(at - observedAt);

/** Describes the queue of a connection: `nothing`, or `12 KiB, oldest 2m5s, 31 packets`; undefined if not reported. */
export function sendQueueText(state: ConnectionState, observedAt: number | undefined): string | undefined {
  const {waitingBytes, waitingPackets, oldestWaitingAt} = state;
  if (waitingBytes === undefined) return undefined;
  if (waitingBytes === 0) return 'nothing';
  const packets = waitingPackets === undefined ? '' : `, ${formatPlural(waitingPackets, 'packet')}`;
  const isAged = oldestWaitingAt !== undefined && observedAt !== undefined;
  const oldest = isAged ? `, oldest ${formatDuration(observedAt - oldestWaitingAt)}` : '';
  return `${formatBytes(waitingBytes)}${oldest}${packets}`;
}

/** Returns the fields of a connection's state that its gate reports. */
export function connectionFields(
  {connectionState, observedAt}: LocatedRow,
  time: TimeCellFormatter,
): ItemFields['fields'] {
  if (connectionState === undefined) return [];
  const {lastSentAt, keepAliveEndsAt} = connectionState;
  const left = leftText(keepAliveEndsAt, observedAt);
  const fields: readonly (readonly [string, string | undefined])[] = [
    ['waiting', sendQueueText(connectionState, observedAt)],
    ['last sent', lastSentAt === undefined ? undefined : time(lastSentAt, observedAt)],
    ['keep-alive', left === '' ? undefined : `ends in ${left} without a packet`],
    ['subscriptions', subscriptionsText(connectionState)],
  ];
  return fields.flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const]));
}

/** Maximum number of topic filters listed as text. JSON has all of them. */
const maxFilters = 20;

/** Lists topic filters: `none`, or `chat/# (QoS 1), news (QoS 0) and 3 more`; undefined if the gate does not report them. */
export function subscriptionsText(state: ConnectionState): string | undefined {
  const {subscriptions, subscriptionCount = subscriptions?.length} = state;
  if (subscriptionCount === undefined) return undefined;
  if (subscriptionCount === 0) return 'none';
  if (subscriptions === undefined) return formatPlural(subscriptionCount, 'filter');
  const named = subscriptions.slice(0, maxFilters).map(({filter, qos}) => `${filter} (QoS ${qos})`);
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

/** Returns the JSON members `connection` and `subscriptions`, without what the gate does not report. */
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

/** Returns the notice on clients that have not subscribed to a topic; undefined if all have. */
export function unsubscribedText({count, known}: UnsubscribedCount, topic: string): string | undefined {
  if (count === 0) return undefined;
  const who = known === 1 ? 'the client has' : `${count} of ${formatPlural(known, 'client')} have`;
  return `${who} not subscribed to "${topic}"; gates push it anyway`;
}
