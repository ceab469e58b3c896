import {describe, expect, test} from 'vitest';
import {NegativeError, NoGateError, UsageError} from '../../../../src/base/errors.js';
import {GateDirectory} from '../../../../src/cluster/read/gate-directory.js';
import type {ClusterNode} from '../../../../src/registry/registry.js';
import {classifyNode, type FunctionProbeResult, type NodeKind} from '../../../../src/session/node-kind.js';
import {aNode, FakeRegistry} from '../../../support/fake-registry.js';

const kindOf = (isConnect: FunctionProbeResult, info: FunctionProbeResult): NodeKind =>
  classifyNode(
    new Map([
      ['IsConnect', isConnect],
      ['GatectlInfo', info],
    ]),
  );
const stock = kindOf('answers', 'lacks');
const module = kindOf('lacks', 'lacks');
const silent = kindOf('silent', 'silent');

interface DirectoryOptions {
  readonly gateType?: string;
  readonly source?: string;
}

/** A directory of nodes with what each type is; on NATS discovery, whose nodes are all safe to call. */
function aDirectory(
  kinds: Readonly<Record<string, NodeKind>>,
  nodes: readonly string[],
  {gateType, source = 'nats'}: DirectoryOptions = {},
) {
  const registry = new FakeRegistry(nodes.map((id) => aNode(id, {source})));
  const probed: string[] = [];
  const probe = async ({id, type}: ClusterNode): Promise<NodeKind> => {
    probed.push(id);
    return kinds[type] ?? module;
  };
  const directory = new GateDirectory({registry, gateType, timeoutMs: 100, probe, inboxPrefix: undefined});
  return {directory, registry, probed, ids: async () => (await directory.gates()).map(({id}) => id)};
}

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('finding the gates', () => {
  test('nodes of the type Gate are found without a probe', async () => {
    const {ids, probed} = aDirectory({SV_Gate: stock}, ['Gate@a', 'SV_Gate@b', 'Hall@c']);
    expect(await ids()).toEqual(['Gate@a']);
    expect(probed).toEqual([]);
  });

  test('without a given type, the only type that answers as a gate is used', async () => {
    const {ids, probed} = aDirectory({SV_Gate: stock}, ['SV_Gate@a', 'SV_Gate@b', 'Hall@c', 'Login@d']);
    expect(await ids()).toEqual(['SV_Gate@a', 'SV_Gate@b']);
    const before = probed.length;
    expect(await ids()).toEqual(['SV_Gate@a', 'SV_Gate@b']);
    expect(probed).toHaveLength(before);
  });

  test('with several types of gates, the error names them and the flag', async () => {
    const {ids} = aDirectory({SV_Gate: stock, gate: stock}, ['SV_Gate@a', 'gate@b', 'Hall@c']);
    const error = await failure(ids());
    expect(error).toBeInstanceOf(NoGateError);
    expect(error).toMatchObject({
      message:
        'no gate of type "Gate" in fake: it has SV_Gate (answers as a gate), gate (answers as a gate), Hall',
      hint: 'gatectl gates list --gate-type SV_Gate,gate',
    });
  });

  test('does not replace a given type', async () => {
    const {ids} = aDirectory({SV_Gate: stock}, ['SV_Gate@a', 'Hall@c'], {gateType: 'Gate'});
    expect(await failure(ids())).toMatchObject({
      message: 'no gate of type "Gate" in fake: it has SV_Gate (answers as a gate), Hall',
      hint: 'gatectl gates list --gate-type SV_Gate',
    });
  });

  test('if no node answers as a gate, the hint is to give the type', async () => {
    const {ids} = aDirectory({Hall: silent}, ['Hall@c', 'Login@d']);
    expect(await failure(ids())).toMatchObject({
      message: 'no gate of type "Gate" in fake: it has Hall, Login',
      hint: 'pass the type of your gates with --gate-type; to list every node: gatectl gates list --all-types',
    });
  });

  // a module of mqant may crash on a call of a function that it lacks
  test.each(['consul', 'etcd'])(
    'nodes of %s are not probed: the type that is named like a gate is taken',
    async (source) => {
      const nodes = ['SV_Gate@a', 'SV_Gate@b', 'SV_Http@c', 'httpgate@d', 'Web@e'];
      const {directory, ids, probed} = aDirectory({httpgate: stock}, nodes, {source});
      expect(await ids()).toEqual(['SV_Gate@a', 'SV_Gate@b']);
      expect(
        (await directory.allNodes()).filter((node) => directory.mayCall(node)).map(({id}) => id),
      ).toEqual(['SV_Gate@a', 'SV_Gate@b']);
      expect(await failure(directory.named('SV_Http@c', () => directory.gates()))).toMatchObject({
        message: '"SV_Http@c" has the type "SV_Http", which is not a known gate type',
        hint: 'if it is a gate, pass its type with --gate-type',
      });
      expect(probed).toEqual([]);
      const two = aDirectory({}, ['SV_Gate@a', 'game_gate@b', 'Hall@c'], {source});
      expect(await failure(two.ids())).toMatchObject({
        message:
          'no gate of type "Gate" in fake: it has SV_Gate (named like a gate), game_gate (named like a gate), Hall',
        hint: 'gatectl gates list --gate-type SV_Gate,game_gate',
      });
      expect(await failure(aDirectory({}, ['httpgate@d', 'Hall@c'], {source}).ids())).toBeInstanceOf(
        NoGateError,
      );
      expect(two.probed).toEqual([]);
    },
  );

  test('nodes of a given type are called without a probe', () => {
    const {directory} = aDirectory({}, [], {gateType: 'Lobby', source: 'consul'});
    const mayCall = (type: string) => directory.mayCall(aNode(`${type}@a`, {source: 'consul'}));
    expect({Lobby: mayCall('Lobby'), Hall: mayCall('Hall')}).toEqual({Lobby: true, Hall: false});
  });

  test('probes and lists only some of thousands of modules', async () => {
    const nodes = Array.from({length: 2000}, (_, at) => `M${String(at % 100).padStart(2, '0')}@${at}`);
    const {ids, probed} = aDirectory({}, nodes);
    const error = await failure(ids());
    expect(String(error)).toMatch(/it has M00, .* and \d+ more$/);
    expect(probed.length).toBeLessThanOrEqual(150);
  });

  test('several types may be given', async () => {
    const {ids} = aDirectory({}, ['SV_Gate@a', 'gate@b', 'Hall@c'], {
      gateType: ' SV_Gate, gate ,SV_Gate',
    });
    expect(await ids()).toEqual(['SV_Gate@a', 'gate@b']);
    const none = aDirectory({}, ['Hall@c'], {gateType: 'SV_Gate,gate'});
    expect(await failure(none.ids())).toMatchObject({
      message: 'no gate of type "SV_Gate" or "gate" in fake: it has Hall',
    });
    for (const wrong of ['', 'a,', 'Gate@a', 'a b'])
      expect(() => aDirectory({}, [], {gateType: wrong})).toThrow(UsageError);
  });

  test('a named gate is found whatever its type, and a module is refused', async () => {
    const nodes = ['Gate@a', 'SV_Gate@b', 'Hall@c'];
    const {directory, probed} = aDirectory({SV_Gate: stock}, nodes);
    const named = (id: string) => directory.named(id, () => directory.gates());
    expect((await named('Gate@a')).id).toBe('Gate@a');
    expect(probed).toEqual([]);
    expect((await named('SV_Gate@b')).id).toBe('SV_Gate@b');
    const refused = await failure(named('Hall@c'));
    expect(refused).toBeInstanceOf(UsageError);
    expect(refused).toMatchObject({
      message: expect.stringMatching(/^"Hall@c" is not a gate: it speaks mqant RPC but has no IsConnect/),
    });
    for (const gone of ['SV_Gate@x', 'Gate@x', 'Gate', 'Lobby@x'])
      expect(await failure(named(gone))).toBeInstanceOf(NegativeError);
  });

  test('a watch finds the type too, and waits if there is no gate yet', async () => {
    const {directory, registry} = aDirectory({SV_Gate: stock}, ['Hall@c', 'SV_Gate@b']);
    const stop = new AbortController();
    const seen: string[][] = [];
    const watching = (async () => {
      for await (const nodes of directory.watch(stop.signal)) {
        seen.push(nodes.map(({id}) => id));
        if (seen.length === 1) setImmediate(() => registry.become([aNode('SV_Gate@b'), aNode('SV_Gate@d')]));
        else stop.abort();
      }
    })();
    await watching;
    expect(seen).toEqual([['SV_Gate@b'], ['SV_Gate@b', 'SV_Gate@d']]);

    const empty = aDirectory({}, []);
    const first = await empty.directory.watch(new AbortController().signal).next();
    expect(first.value).toEqual([]);
  });

  test('a failed probe does not classify a node as a module', async () => {
    const registry = new FakeRegistry([aNode('SV_Gate@a', {source: 'nats'})]);
    const probe = () => Promise.reject(new TypeError('a mistake of ours'));
    const directory = new GateDirectory({
      ...{registry, gateType: undefined, timeoutMs: 1, probe, inboxPrefix: undefined},
    });
    expect(await failure(directory.gates())).toBeInstanceOf(TypeError);
  });
});
