import type {Target} from './target.js';
import {capture, snapshot, trace} from './targets/captures.js';
import {bus, mqtt, texts} from './targets/clients.js';
import {decodeText, files, msgpack} from './targets/documents.js';
import {lines} from './targets/line-readers.js';
import {registry} from './targets/nodes.js';
import {pageStreams} from './targets/page-streams.js';
import {selector} from './targets/selectors.js';
import {envelope, pages, session} from './targets/wire.js';

export const targets: readonly Target[] = [
  session,
  envelope,
  pages,
  pageStreams,
  msgpack,
  decodeText,
  files,
  lines,
  registry,
  mqtt,
  texts,
  bus,
  selector,
  trace,
  capture,
  snapshot,
];
export const targetNames: readonly string[] = targets.map(({name}) => name);

/** Undefined where there is none of that name. */
export function targetNamed(name: string): {readonly target: Target | undefined} {
  return {target: targets.find((one) => one.name === name)};
}
