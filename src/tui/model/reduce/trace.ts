import type {Action} from '../action.js';
import {currentScreen, type NumberedTraceEvent, type State, tableStateAtTop} from '../state.js';

/** Maximum number of calls kept in memory. */
const mostCalls = 2000;

type TraceAction = Extract<
  Action,
  {type: 'traced' | 'trace-refused' | 'trace-view' | 'trace-own' | 'trace-bodies'}
>;

export function reduceTrace(state: State, action: TraceAction): State {
  const {trace} = state;
  switch (action.type) {
    case 'traced':
      return {...state, trace: heard(trace, action)};
    case 'trace-view': {
      const view = trace.view === 'calls' ? 'functions' : 'calls';
      return {...state, trace: {...trace, view}, tables: {...state.tables, trace: tableStateAtTop}};
    }
    case 'trace-own':
      return {
        ...state,
        trace: {...trace, hidesOwn: !trace.hidesOwn},
        tables: {...state.tables, trace: tableStateAtTop},
      };
    case 'trace-bodies':
      return {...state, trace: {...trace, hasBodies: !trace.hasBodies}};
    case 'trace-refused': {
      const {message, at} = action;
      const stack = currentScreen(state).name === 'trace' ? ([{name: 'overview'}] as const) : state.stack;
      const notice = {text: `trace unavailable: ${message}`, tone: 'warn', at} as const;
      return {...state, stack, notice, trace: {...trace, unavailable: message}};
    }
    default:
      return action satisfies never;
  }
}

function heard(trace: State['trace'], {events}: Extract<TraceAction, {type: 'traced'}>): State['trace'] {
  const told = events.filter((event) => event.type !== 'summary');
  const summaries = events.flatMap((event) => (event.type === 'summary' ? [event.summary] : []));
  const added = told.map((one, at): NumberedTraceEvent => ({number: trace.nextNumber + at, traceEvent: one}));
  return {
    ...trace,
    received: withinBudget(inOrderOfStart([...trace.received, ...added]).slice(-mostCalls)),
    nextNumber: trace.nextNumber + added.length,
    summary: summaries.at(-1) ?? trace.summary,
  };
}

/** Drops the calls and counts that a previous selector matched. */
export const withoutCalls = (trace: State['trace']): State['trace'] => ({
  ...trace,
  received: [],
  summary: undefined,
});

/** Bodies of the newest calls are kept up to this total size of their messages, in bytes. */
const maxBodyBytes = 16 * 1024 * 1024;

/** Drops the bodies of the oldest calls. */
function withinBudget(calls: readonly NumberedTraceEvent[]): readonly NumberedTraceEvent[] {
  let bytes = 0;
  const isOver = ({traceEvent}: NumberedTraceEvent): boolean => {
    if (traceEvent.type !== 'call' || traceEvent.call.body === undefined) return false;
    bytes += traceEvent.call.callBytes + traceEvent.call.replyBytes;
    return bytes > maxBodyBytes;
  };
  const last = calls.findLastIndex(isOver);
  return last < 0 ? calls : calls.map((call, at) => (at > last ? call : withoutBody(call)));
}

function withoutBody(received: NumberedTraceEvent): NumberedTraceEvent {
  const {traceEvent} = received;
  if (traceEvent.type !== 'call' || traceEvent.call.body === undefined) return received;
  return {...received, traceEvent: {...traceEvent, call: {...traceEvent.call, body: undefined}}};
}

const startOf = ({traceEvent}: NumberedTraceEvent): number =>
  traceEvent.type === 'call' ? traceEvent.call.at : traceEvent.at;

/** Sorts calls by start time. They are reported when they end. */
function inOrderOfStart(calls: readonly NumberedTraceEvent[]): readonly NumberedTraceEvent[] {
  const isInOrder = calls.every((call, at) => {
    const before = calls[at - 1];
    return before === undefined || startOf(before) <= startOf(call);
  });
  return isInOrder ? calls : calls.toSorted((one, other) => startOf(one) - startOf(other));
}
