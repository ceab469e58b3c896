import {randomId} from '../../session/random-id.js';
import type {OutgoingArgument} from '../rpc/arguments.js';

export const string = (value: string): OutgoingArgument => ({type: 'string', bytes: value});
export const bytes = (value: Uint8Array): OutgoingArgument => ({type: 'bytes', bytes: value});
export const map = (value: Readonly<Record<string, unknown>>): OutgoingArgument => ({
  type: 'map',
  bytes: JSON.stringify(value),
});

/** Drops undefined members. */
export function defined(query: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
}

/** Creates a trace per call, as mqant does, for a project's logging hooks. */
export function newTrace(): OutgoingArgument {
  return {type: 'trace', bytes: `{"Trace":"${randomId()}","Span":"${randomId()}"}`};
}
