import {wildcardMatcher} from '../../base/wildcard-matcher.js';
import {splitNodeId} from '../../bus/node-address.js';
import type {CallFilter, TracedCall} from './traced-call.js';

/** Compiles a filter to a predicate. `ids` are the ids of all sessions in the call. */
export function callFilter({
  fns,
  nodes,
  uids,
  sessions,
  exceptCallers,
}: CallFilter): (call: TracedCall, ids: readonly string[]) => boolean {
  const tests: ((call: TracedCall, ids: readonly string[]) => boolean)[] = [];
  if (fns !== undefined) tests.push(({fn}) => fns.some(wildcardMatcher(fn)));
  if (nodes !== undefined)
    tests.push(({node}) => nodes.some((name) => name === node || name === splitNodeId(node)[0]));
  if (uids !== undefined) tests.push(({uid}) => uids.some(wildcardMatcher(uid)));
  if (exceptCallers !== undefined) tests.push(({caller}) => !exceptCallers.some(wildcardMatcher(caller)));
  if (sessions !== undefined) {
    const wanted = sessions.map((name) => name.slice(name.indexOf('/') + 1));
    tests.push((_call, ids) => ids.some((id) => wanted.includes(id)));
  }
  return (call, ids) => tests.every((test) => test(call, ids));
}
