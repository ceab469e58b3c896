// What registries say of nodes: etcd's gateway, consul's API, answers and beats on the bus.

import {UnreachableError} from '../../../src/base/errors.js';
import type {Bus, BusMessage} from '../../../src/bus/bus.js';
import {isPublishableAddress} from '../../../src/bus/node-address.js';
import {ConsulRegistry} from '../../../src/registry/http/consul-registry.js';
import {encodeConsulTags} from '../../../src/registry/http/consul-tags.js';
import {EtcdRegistry} from '../../../src/registry/http/etcd-registry.js';
import {NatsDiscovery} from '../../../src/registry/nats/nats-discovery.js';
import type {ClusterNode} from '../../../src/registry/registry.js';
import {decodedLater, holds, type Target} from '../target.js';

const node = {id: 'Gate@a', address: 'mqant.gate.Gate.a', version: '1', metadata: {server: 'rpc'}};
const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64');

/** Answers every request of `fetch` with these bytes. */
function answerAll(input: Buffer): void {
  globalThis.fetch = async () => new Response(new Uint8Array(input));
}

/** A bus on which the first question is answered with these bytes. */
function busAnswering(input: Buffer): Bus {
  let handler = (_: BusMessage): void => {};
  return {
    serverVersion: '',
    isEncrypted: false,
    maxPayloadBytes: 1024,
    server: 'nats://fuzz',
    connected: true,
    failure: undefined,
    newInbox: () => '_INBOX.fuzz',
    publish: (subject) => {
      handler({subject, reply: undefined, data: input, noResponders: false});
      handler({subject, reply: undefined, data: new Uint8Array(0), noResponders: true});
    },
    subscribe: (_, heard) => {
      handler = heard;
      return {unsubscribe: () => {}};
    },
    flush: async () => {},
    onStatus: () => () => {},
    onDenied: () => () => {},
    close: async () => {},
  };
}

function check(nodes: readonly ClusterNode[] | undefined): void {
  for (const {id, address, metadata} of nodes ?? []) {
    holds(isPublishableAddress(address), 'an address may be published to');
    holds(id.includes('@'), 'an id has a type');
    holds(
      Object.values(metadata).every((value) => typeof value === 'string'),
      'metadata is text',
    );
  }
}

export const registry: Target = {
  name: 'registry',
  seeds: [
    Buffer.from(
      JSON.stringify({
        header: {revision: '5'},
        kvs: [{key: 'YQ==', value: base64({name: 'Gate', version: '1', nodes: [node]})}],
      }),
    ),
    Buffer.from(
      JSON.stringify([
        {
          Service: {ID: node.id, Address: node.address, Tags: encodeConsulTags(node.metadata, '1')},
          Checks: [{Status: 'passing'}],
        },
      ]),
    ),
    Buffer.from(JSON.stringify({Gate: encodeConsulTags(node.metadata, '1')})),
    Buffer.from(
      JSON.stringify({
        metadata: {node: JSON.stringify(node), peers: JSON.stringify([{...node, id: 'Gate@b'}])},
      }),
    ),
    Buffer.from(JSON.stringify({...node, bye: true})),
  ],
  words: [
    'null',
    '[null]',
    '"kvs":[null]',
    '"Checks":5',
    '{"nodes":[null]}',
    '"__proto__":{}',
    '5',
    't-',
    'v-',
  ],
  async run(input) {
    answerAll(input);
    const etcd = new EtcdRegistry({endpoints: ['http://fuzz'], timeoutMs: 50});
    check(await decodedLater([UnreachableError], () => etcd.nodes(undefined)));
    const consul = new ConsulRegistry({endpoints: ['http://fuzz'], timeoutMs: 50});
    check(await decodedLater([UnreachableError], () => consul.nodes('Gate')));
    check(await decodedLater([UnreachableError], () => consul.nodes(undefined)));
    check(await new NatsDiscovery({bus: busAnswering(input)}).nodes(undefined, {timeoutMs: 50, settleMs: 0}));
  },
};
