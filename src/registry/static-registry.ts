import {onAbort} from '../base/abort-signals.js';
import {UsageError} from '../base/errors.js';
import {isPublishableAddress} from '../bus/node-address.js';
import {sortNodes} from './node-record.js';
import type {ClusterNode, Registration, Registry} from './registry.js';

/** A fixed list of nodes: `static:Gate@a=_INBOX.x,Gate@b=mqant.gate.Gate.b`. */
export class StaticRegistry implements Registry {
  readonly name = 'the static list';

  constructor(private readonly list: readonly ClusterNode[]) {}

  nodes(type: string | undefined): Promise<readonly ClusterNode[]> {
    return Promise.resolve(sortNodes(this.list, type));
  }

  async *watch(
    type: string | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<readonly ClusterNode[], void, undefined> {
    yield await this.nodes(type);
    await new Promise<void>((resolve) => onAbort(signal, resolve));
  }

  register(): Promise<Registration> {
    return Promise.resolve({close: () => Promise.resolve(), update: () => Promise.resolve()});
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

export function parseStaticList(text: string): readonly ClusterNode[] {
  const nodes = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parseEntry);
  if (nodes.length === 0)
    throw new UsageError('the static registry lists no nodes', {hint: 'for example static:Gate@a=_INBOX.x'});
  return nodes;
}

function parseEntry(text: string): ClusterNode {
  const [, id = '', address = ''] = /^([^=]+@[^=@]+)=(.+)$/.exec(text) ?? [];
  if (id === '' || !isPublishableAddress(address)) {
    throw new UsageError(`invalid node "${text}" in the static registry`, {
      hint: 'for example Gate@a=_INBOX.x',
    });
  }
  return {
    id,
    type: id.slice(0, id.indexOf('@')),
    address,
    version: '',
    metadata: {},
    subjectPerFunction: address.startsWith('mqant.gate.'),
    source: 'static',
  };
}
