import type {ClusterEvent} from '../../../cluster/cluster.js';
import type {FeedAction, UserAction} from '../action.js';
import {type SessionDetailState, type State, tableStateAtTop} from '../state.js';

const nextPane = {live: 'events', events: 'fields', fields: 'live'} as const;

/** Updates the session screen. */
export function reduceSessionDetail(
  state: State,
  action: FeedAction | Extract<UserAction, {type: 'pane'}>,
): State {
  const {detail} = state;
  if (detail === undefined) return state;
  switch (action.type) {
    case 'pane': {
      const pane = nextPane[detail.pane];
      return {...state, detail: {...detail, pane}, tables: {...state.tables, session: tableStateAtTop}};
    }
    case 'detail':
      if (action.reference !== detail.reference) return state;
      return {
        ...state,
        detail: {
          ...detail,
          ...action.found,
          gone: goneOf(detail, action.found),
          waiting: waitingOf(detail, action.found),
        },
      };
    case 'heard':
      return action.events.reduce((next, event) => afterEvent(next, event, action.at), state);
    default:
      return state;
  }
}

/** Polls kept for the sparkline, enough for four minutes. */
const keptPolls = 120;

/** Adds the bytes queued now to those of earlier polls. */
function waitingOf(
  {waiting}: SessionDetailState,
  {row, seenAt}: Partial<SessionDetailState>,
): SessionDetailState['waiting'] {
  const value = row?.connectionState?.waitingBytes;
  if (value === undefined || seenAt === undefined) return waiting;
  return [...waiting, {at: seenAt, value}].slice(-keptPolls);
}

/** Keeps the time at which the session was first found gone. */
function goneOf(detail: SessionDetailState, found: Partial<SessionDetailState>): SessionDetailState['gone'] {
  if (!('gone' in found)) return detail.gone;
  return found.gone === undefined ? undefined : (detail.gone ?? found.gone);
}

function afterEvent(state: State, event: ClusterEvent, at: number): State {
  const {detail} = state;
  if (detail === undefined || event.type !== 'event') return state;
  const {session, kind, why} = event.event;
  if (`${event.node}/${session.sessionId}` !== detail.reference) return state;
  const gone = kind === 'closed' ? {at, why: why || 'closed'} : undefined;
  return {...state, detail: {...detail, session, gone}};
}
