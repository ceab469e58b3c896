import {randomId} from '../../session/random-id.js';
import type {OutgoingArgument} from '../rpc/arguments.js';

export const string = (value: string): OutgoingArgument => ({type: 'string', bytes: value});
export const bytes = (value: Uint8Array): OutgoingArgument => ({type: 'bytes', bytes: value});
export const map = (value: Readonly<Record<string, unknown>>): OutgoingArgument => ({
  type: 'map',
  bytes: JSON.stringify(value),
});

/** Returns the query without members that are undefined. */
export function defined(query: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
}

/** Creates a trace argument with new ids, as mqant does for each call. A project's logging hooks use it. */
export function newTrace(): OutgoingArgument {
  return {type: 'trace', bytes: `{"Trace":"${randomId()}","Span":"${randomId()}"}`};
}
