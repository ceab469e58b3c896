import type {FunctionSummary, TracedCall} from '../../../cluster/cluster.js';
import {callBodyText} from '../../../presentation/trace-presenter.js';
import {tableWindow} from '../derived-state.js';
import type {NumberedTraceEvent, Screen, State} from '../state.js';
import {sortTableRows} from './sort-table-rows.js';
import {callSortKeys, functionSortKeys} from './table-sort-keys.js';

/** Cached result for the last list of received calls. */
let last: {
  readonly received: readonly NumberedTraceEvent[];
  readonly hidesOwn: boolean;
  readonly search: string | undefined;
  readonly shown: readonly NumberedTraceEvent[];
} = {received: [], hidesOwn: false, search: undefined, shown: []};

/**
 * Returns the calls that contain the search words. If calls of gatectl are hidden, leaves out those received
 * earlier, too. Always keeps gaps and notices.
 */
function shownCalls({trace, filters}: State): readonly NumberedTraceEvent[] {
  const {received, hidesOwn} = trace;
  const {search} = filters.trace;
  if (last.received === received && last.hidesOwn === hidesOwn && last.search === search) return last.shown;
  const isShown = ({traceEvent}: NumberedTraceEvent): boolean => {
    if (traceEvent.type !== 'call') return true;
    if (hidesOwn && traceEvent.call.caller.startsWith('gatectl/')) return false;
    return search === undefined || callContains(traceEvent.call, search);
  };
  last = {received, hidesOwn, search, shown: received.filter(isShown)};
  return last.shown;
}

const found = new WeakMap<TracedCall, {readonly words: string; readonly isFound: boolean}>();

/** Returns whether a field of the call, its error, its arguments or its result contains the words. */
export function callContains(call: TracedCall, words: string): boolean {
  const known = found.get(call);
  if (known?.words === words) return known.isFound;
  const isFound = isContained(call, words);
  found.set(call, {words, isFound});
  return isFound;
}

function isContained(call: TracedCall, words: string): boolean {
  const {fn, node, address, caller, hostname, session, uid, outcome, error} = call;
  const fields = [fn, node, address, caller, hostname, session, uid, outcome, error];
  return fields.some((text) => text.includes(words)) || callBodyText(call).includes(words);
}

export const sortedCalls = (state: State): readonly NumberedTraceEvent[] =>
  sortTableRows(shownCalls(state), state.sorts.trace, callSortKeys);

/** Returns the functions whose type or name contains the search words. */
export function sortedFunctions({trace, sorts, filters}: State): readonly FunctionSummary[] {
  const sorted = sortTableRows(trace.summary?.functions ?? [], sorts.trace, functionSortKeys);
  const {search} = filters.trace;
  return search === undefined ? sorted : sorted.filter(({type, fn}) => `${type}.${fn}`.includes(search));
}

/** Returns the session of the call under the cursor; undefined for calls to backends. */
export function callSession(state: State): Screen | undefined {
  const {trace, tables, sorts, gates} = state;
  if (trace.view !== 'calls') return undefined;
  const calls = sortedCalls(state);
  const keys = calls.map(({number}) => String(number));
  const {index} = tableWindow(tables.trace, keys, 1, sorts.trace === undefined);
  const traced = calls[index]?.traceEvent;
  if (traced?.type !== 'call' || traced.call.session === '' || !gates.has(traced.call.node)) return undefined;
  return {name: 'session', subject: `${traced.call.node}/${traced.call.session}`};
}
