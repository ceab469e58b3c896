import {randomId} from '../../session/random-id.js';
import type {OutgoingArgument} from '../rpc/rpc-arguments.js';

export const stringArgument = (value: string): OutgoingArgument => ({type: 'string', bytes: value});
export const bytesArgument = (value: Uint8Array): OutgoingArgument => ({type: 'bytes', bytes: value});
export const mapArgument = (value: Readonly<Record<string, unknown>>): OutgoingArgument => ({
  type: 'map',
  bytes: JSON.stringify(value),
});

/** Returns the query without members that are undefined. */
export function withoutUndefined(query: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
}

/** Creates a trace argument with new ids, as mqant does for each call. A project's logging hooks use it. */
export function newTraceArgument(): OutgoingArgument {
  return {type: 'trace', bytes: `{"Trace":"${randomId()}","Span":"${randomId()}"}`};
}
