import {afterAll, beforeAll, expect, test} from 'vitest';
import {type OperatorRole, operatorRoles} from '../../../src/bus/rpc/reply-inboxes.js';
import {GateProcess} from '../../support/gate-process.js';
import {MqttClients} from '../../support/mqtt-clients.js';
import {startNats} from '../../support/nats.js';
import {until} from '../../support/poll.js';
import {spawnGatectl} from '../../support/run-cli.js';
import {describeWith, type TestServer} from '../../support/servers.js';

const password = 'p';

describeWith('nats-server')("C15, C17: doctor's permissions in a real nats-server", () => {
  let nats: TestServer;
  let gate: GateProcess;
  const clients = new MqttClients();
  let id = '';

  beforeAll(async () => {
    const {out, code} = await spawnGatectl(['doctor', '--permissions']);
    expect(code).toBe(0);
    nats = await startNats(out.replaceAll(/\$[A-Z]+_PASSWORD/g, `"${password}"`));
    gate = await GateProcess.start(
      'p1',
      nats.url.replace('://', `://nodes:${password}@`),
      '--store',
      'memory:',
    );
    await clients.open(gate.tcp);
    id = (await as('viewer', 'sessions', 'list', '-o', 'ids')).out.trim();
    expect(id).toMatch(/^Gate@p1\/./);
  });
  afterAll(async () => {
    await clients[Symbol.asyncDispose]();
    await gate?.[Symbol.asyncDispose]();
    await nats?.[Symbol.asyncDispose]();
  });

  const as = (role: OperatorRole, ...argv: readonly string[]) =>
    spawnGatectl([...argv, '--server', nats.url, '--user', role, '--inbox-prefix', `_INBOX_${role}`], {
      env: {GATECTL_PASSWORD: password},
    });

  const isReader = (role: OperatorRole) => role === 'viewer' || role === 'tracer';
  const isTracer = (role: OperatorRole) => role === 'tracer' || role === 'admin';

  const reads = () => [
    ['sessions', 'list'],
    ['sessions', 'list', '--where', 'guest'],
    ['sessions', 'count'],
    ['sessions', 'get', id],
    ['settings', 'list', id],
    ['gates', 'list'],
    ['gates', 'info'],
    ['gates', 'ping'],
    ['records', 'list'],
    ['doctor'],
  ];
  const supportWrites = () => [
    ['send', id, '/t', 'x'],
    ['settings', 'set', id, 'a=b'],
    ['settings', 'unset', id, 'a'],
    ['send', '--all', '/t', 'x'],
  ];
  const adminWrites = () => [
    ['broadcast', '/t', 'x', '--yes'],
    ['bind', id, 'u1'],
    ['records', 'set', 'u1', 'a=b', '--online-too'],
    ['unbind', id],
    ['records', 'delete', 'u1', '--yes'],
  ];

  test.each(operatorRoles)(
    '%s: allows its functions, and denies others with exit 4 before the gate',
    async (role) => {
      const allowed = [
        ...reads(),
        ...(isReader(role) ? [] : supportWrites()),
        ...(isTracer(role)
          ? [
              ['trace', '--for', '50ms'],
              ['trace', '--for', '50ms', '--summary'],
            ]
          : []),
        ...(role === 'admin' ? adminWrites() : []),
      ];
      for (const line of allowed) {
        const {code, err} = await as(role, ...line);
        expect({
          line,
          code,
          err: err.replace(
            /^(?:showing|nothing|send:|the client has not|listening|\d+ ok,|\d+ calls? heard).*\n/gm,
            '',
          ),
        }).toEqual({
          line,
          code: 0,
          err: '',
        });
      }
      const denied = [
        ...(isReader(role) ? supportWrites().slice(0, 3) : []),
        ...(role === 'admin' ? [] : adminWrites().filter(([noun]) => noun !== 'records')),
        ...(isReader(role) ? [['sessions', 'kick', id, '--yes']] : []),
      ];
      const before = await as('viewer', 'sessions', 'get', id, '-o', 'json');
      for (const line of denied) {
        const {code, err} = await as(role, ...line);
        expect({line, code, err}).toEqual({
          line,
          code: 4,
          err: expect.stringContaining('mqant.gate.Gate.p1.'),
        });
      }
      expect((await as('viewer', 'sessions', 'get', id, '-o', 'json')).out).toBe(before.out);
    },
  );

  test('A1: lets nodes publish to inboxes, nodes, discovery and a named bucket only', async () => {
    const nodesOf = async (...more: readonly string[]) => {
      const {out} = await spawnGatectl(['doctor', '--permissions', '-o', 'json', ...more]);
      return (JSON.parse(out) as {nodes: {publish: string[]; subscribe: string[]}}).nodes;
    };
    const {publish, subscribe} = await nodesOf();
    expect([...publish, ...subscribe]).not.toContain('>');
    for (const subject of publish) expect(subject).toMatch(/^(?:_INBOX|mqant\.|\$SRV\.INFO)/);
    const stored = (await nodesOf('--bucket', 'sess')).publish.filter(
      (subject) => !publish.includes(subject),
    );
    for (const subject of stored)
      expect(subject).toMatch(/^\$KV\.sess\.>$|^\$JS\.API\.(?:INFO|.*\.KV_sess(?:\.\*)?)$/);
    expect(await spawnGatectl(['doctor', '--permissions', '--bucket', 'a.>'])).toMatchObject({code: 2});
  });

  test.each(['viewer', 'support'] as const)('denies bus access to %s', async (role) => {
    const {code, out, err} = await as(role, 'trace', '--for', '5s');
    expect({code, out}).toEqual({code: 4, out: ''});
    expect(err).toContain('NATS denies permission to listen to "_INBOX.>"');
  });

  test('lets tracer see all calls and replies to other roles', async () => {
    const tracing = as('tracer', 'trace', '--limit', '1', '--fn', 'Update', '-o', 'jsonl', '--timeout', '5s');
    let ended = false;
    void tracing.then(() => {
      ended = true;
    });
    const asked = async () => {
      if (!ended) await as('viewer', 'sessions', 'get', id);
      return ended;
    };
    await until(asked, {what: 'the trace to see a call', timeoutMs: 20_000});
    const {code, out} = await tracing;
    expect(code).toBe(0);
    expect(JSON.parse(out.split('\n')[0] ?? '')).toMatchObject({
      node: 'Gate@p1',
      fn: 'Update',
      outcome: 'ok',
    });
  });

  test('doctor lists denied calls of each role without reaching a node', async () => {
    const may = async (role: OperatorRole): Promise<string | undefined> => {
      const {out} = await as(role, 'doctor', '-o', 'json');
      const {items} = JSON.parse(out) as {
        items: {check: string; subject: string; state: string; detail: string}[];
      };
      const found = items.find(({check, subject}) => check === 'permissions' && subject === 'NATS');
      expect(found?.state).toBe('ok');
      expect(items.find(({check}) => check === 'bus')?.detail).toMatch(/nats-server 2\.\d+\.\d+/);
      return found?.detail;
    };
    expect(await may('viewer')).toMatch(/^may not call .*Send.*Close.*GatectlRecordPut/);
    expect(await may('support')).toMatch(/^may not call .*Bind/);
    expect(await may('support')).not.toMatch(/Send|Close/);
    expect(await may('admin')).toBe('may call every gate function');
  });

  test('reports a missing inbox prefix', async () => {
    const {code, err} = await spawnGatectl(['sessions', 'list', '--server', nats.url, '--user', 'viewer'], {
      env: {GATECTL_PASSWORD: password},
    });
    expect({code, err}).toEqual({code: 4, err: expect.stringContaining('_INBOX')});
  });
});
