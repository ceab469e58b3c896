import type {ClusterEvent} from '../cluster/cluster.js';
import type {Presenter} from '../output/formats/presenter.js';
import {plural} from '../output/text/humanize.js';
import type {SessionEvent} from '../session/codec/event-page.js';
import {isoTime} from './time.js';

/** Presents events of a watch, one per row. `clock` formats Unix milliseconds. */
export function eventPresenter(clock: (unixMs: number) => string): Presenter<ClusterEvent> {
  return {
    columns: [
      {header: 'TIME', cell: (told) => clock(clusterEventTime(told))},
      {header: 'EVENT', cell: eventName},
      {header: 'SESSION', cell: (told) => (told.type === 'event' ? told.event.session.sessionId : '-')},
      {header: 'UID', cell: (told) => (told.type === 'event' ? told.event.session.userId || '-' : '-')},
      {header: 'GATE', cell: ({node}) => node},
      {header: 'DETAIL', cell: clusterEventDetail},
    ],
    record: eventRecord,
    id: (told) => (told.type === 'event' ? `${told.node}/${told.event.session.sessionId}` : told.node),
  };
}

/** Unix milliseconds. */
export const clusterEventTime = (told: ClusterEvent): number =>
  told.type === 'event' ? told.event.at : told.at;

export function eventName(told: ClusterEvent): string {
  if (told.type === 'event') return told.event.kind;
  return told.type === 'gap' ? 'GAP' : told.state;
}

/** Returns the DETAIL text of an event: address, reason, earlier uid or changed settings. */
export function clusterEventDetail(told: ClusterEvent): string {
  switch (told.type) {
    case 'event':
      return eventDetail(told.event);
    case 'gap':
      return told.lost === undefined ? told.why : `${plural(told.lost, 'event')} missing: ${told.why}`;
    case 'gate':
      return told.message;
    default:
      return told satisfies never;
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

/** The documented JSON; new versions only add members. */
function eventRecord(told: ClusterEvent) {
  const {type, node: gate} = told;
  const at = isoTime(clusterEventTime(told));
  switch (told.type) {
    case 'event': {
      const {kind, session, uidBefore, keys, why} = told.event;
      const {sessionId: id, userId: uid, network, ip, settings} = session;
      return {type, at, kind, id, gate, uid, uidBefore, keys, why, network, ip, settings};
    }
    case 'gap':
      return {type, at, gate, lost: told.lost ?? null, why: told.why};
    case 'gate':
      return {type, at, gate, state: told.state, message: told.message};
    default:
      return told satisfies never;
  }
}
