import type {ClusterEvent} from '../cluster/cluster.js';
import type {Presenter} from '../output/formats/presenter.js';
import {formatPlural} from '../output/text/humanize.js';
import type {SessionEvent} from '../session/codec/event-page.js';
import {isoTime} from './time-format.js';

/** Presents the events of a watch, one per row. `clock` formats Unix milliseconds. */
export function eventPresenter(clock: (unixMs: number) => string): Presenter<ClusterEvent> {
  return {
    columns: [
      {header: 'AT', cell: (entry) => clock(clusterEventTime(entry))},
      {header: 'KIND', cell: clusterEventName},
      {header: 'ID', cell: (entry) => (entry.type === 'event' ? entry.event.session.sessionId : '-')},
      {header: 'UID', cell: (entry) => (entry.type === 'event' ? entry.event.session.userId || '-' : '-')},
      {header: 'GATE', cell: ({node}) => node},
      {header: 'DETAIL', cell: clusterEventDetail},
    ],
    record: eventRecord,
    id: (entry) => (entry.type === 'event' ? `${entry.node}/${entry.event.session.sessionId}` : entry.node),
  };
}

/** Returns the time of an event in Unix milliseconds. */
export const clusterEventTime = (entry: ClusterEvent): number =>
  entry.type === 'event' ? entry.event.at : entry.at;

export function clusterEventName(entry: ClusterEvent): string {
  if (entry.type === 'event') return entry.event.kind;
  return entry.type === 'gap' ? 'GAP' : entry.state;
}

/** Returns the DETAIL text of an event, such as the address, reason, previous uid or changed settings. */
export function clusterEventDetail(entry: ClusterEvent): string {
  switch (entry.type) {
    case 'event':
      return entry.source === undefined
        ? eventDetail(entry.event)
        : `${eventDetail(entry.event)} (${entry.source})`.trim();
    case 'gap':
      return entry.lost === undefined
        ? entry.why
        : `${formatPlural(entry.lost, 'event')} missing: ${entry.why}`;
    case 'gate':
      return entry.message;
    default:
      return entry satisfies never;
  }
}

function eventDetail({kind, session, uidBefore, keys, why}: SessionEvent): string {
  switch (kind) {
    case 'connected':
      return `${session.network} ${session.ip}`;
    case 'closed':
      return why;
    case 'bound':
    case 'unbound':
      return uidBefore === '' || uidBefore === session.userId ? '' : `was ${uidBefore}`;
    case 'settings':
      return keys
        .map((key) => (Object.hasOwn(session.settings, key) ? `${key}=${session.settings[key]}` : `-${key}`))
        .join(' ');
    default:
      return kind satisfies never;
  }
}

/** Returns the documented JSON of an event. New versions only add members. */
function eventRecord(entry: ClusterEvent) {
  const {type, node: gate} = entry;
  const at = isoTime(clusterEventTime(entry));
  switch (entry.type) {
    case 'event': {
      const {kind, session, uidBefore, keys, why} = entry.event;
      const {sessionId: id, userId: uid, network, ip, settings} = session;
      const source = entry.source === undefined ? {} : {source: entry.source};
      return {type, at, kind, id, gate, uid, uidBefore, keys, why, network, ip, settings, ...source};
    }
    case 'gap':
      return {type, at, gate, lost: entry.lost ?? null, why: entry.why};
    case 'gate':
      return {type, at, gate, state: entry.state, message: entry.message};
    default:
      return entry satisfies never;
  }
}
