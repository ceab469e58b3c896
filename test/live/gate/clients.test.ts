import {describe, expect, test} from 'vitest';
import {NoSessionError} from '../../../src/base/errors.js';
import {until} from '../../support/poll.js';
import {ask, closed, nextMessage, sessionIdOf, startTestGate} from '../../support/test-gate.js';

const versions = [
  {name: 'MQTT 3.1', protocolVersion: 3, protocolId: 'MQIsdp'},
  {name: 'MQTT 3.1.1', protocolVersion: 4, protocolId: 'MQTT'},
  {name: 'MQTT 5', protocolVersion: 5, protocolId: 'MQTT'},
] as const;
const clients = versions.flatMap((version) => [
  {...version, ws: false, network: 'tcp'},
  {...version, ws: true, network: 'websocket'},
]);

describe.each(clients)('a client of $name over $network', ({protocolVersion, protocolId, ws, network}) => {
  const options = {protocolVersion, protocolId, ws};

  test('has a session while it is connected', async () => {
    await using it = await startTestGate();
    const client = await it.client(options);
    const {rows} = await it.gate.api.list({});
    expect(rows).toHaveLength(1);
    expect(rows[0]?.session).toMatchObject({network, userId: '', serverId: 'Gate@g1'});
    expect(rows[0]?.session.sessionId).toMatch(/^[0-9a-f]{16}$/);
    await client.endAsync();
    await until(async () => (await it.gate.api.count()).sessions === 0);
  });

  test('calls a module, which gets its session and pushes to it', async () => {
    await using it = await startTestGate();
    const client = await it.client(options);
    const push = nextMessage(client, '/gate/send/test');
    const answer = await ask(client, 'HelloWorld/HD_say/1', '{"name":"neo"}');
    expect(answer).toEqual({
      Trace: expect.stringMatching(/^[0-9a-f]{16}$/),
      Error: '',
      Result: 'hi neo, you are on Gate@g1',
    });
    expect((await push).toString()).toBe('send hi to neo');
  });

  test('gets its subscription acknowledged at each requested QoS', async () => {
    await using it = await startTestGate();
    const client = await it.client(options);
    for (const qos of [0, 1, 2] as const) {
      const [grant] = await client.subscribeAsync('/gate/#', {qos});
      expect(grant?.qos).toBe(Math.min(qos, 1));
    }
    await client.unsubscribeAsync('/gate/#');
  });

  test('publishes at QoS 1 and 2, and each message reaches the module once', async () => {
    let calls = 0;
    await using it = await startTestGate({
      handlers: {
        HD_count: () => {
          calls += 1;
        },
      },
    });
    const client = await it.client(options);
    for (const qos of [0, 1, 2] as const) await client.publishAsync('HelloWorld/HD_count', '{}', {qos});
    await until(() => calls === 3);
    expect((await it.gate.api.list({})).rows[0]?.received).toBe(3);
  });

  test('is disconnected by a kick, and its session is gone at the reply', async () => {
    await using it = await startTestGate();
    const client = await it.client(options);
    const sessionId = await sessionIdOf(client);
    await it.gate.api.close(sessionId);
    await expect(it.gate.api.update(sessionId)).rejects.toThrow(NoSessionError);
    await closed(client);
  });

  test('receives every byte of the largest message that fits the bus', async () => {
    await using it = await startTestGate();
    const client = await it.client(options);
    const sessionId = await sessionIdOf(client);
    const body = Buffer.alloc(900_000, 7);
    const got = nextMessage(client, '/big');
    await it.gate.api.send(sessionId, '/big', body);
    expect((await got).equals(body)).toBe(true);
  });
});

describe('a WebSocket client', () => {
  test('has its user agent in the settings, and the address from a trusted proxy', async () => {
    await using it = await startTestGate({trustedProxies: ['127.0.0.1']});
    const headers = {'user-agent': 'neo/1.0', 'x-forwarded-for': '10.0.0.1, 9.9.9.9'};
    await it.client({ws: true, wsOptions: {headers}});
    const {rows} = await it.gate.api.list({});
    expect(rows[0]?.session).toMatchObject({ip: '9.9.9.9', settings: {'User-Agent': 'neo/1.0'}});
  });
});

describe('C2: an IPv4 client of a dual-stack listener', () => {
  /** A listener at this address reports its clients as a dual-stack one does, and is on this machine alone. */
  const mapped = {host: '::ffff:127.0.0.1', port: 0};

  test("has the address in mqant's form", async () => {
    await using it = await startTestGate({tcp: mapped, ws: mapped, trustedProxies: ['127.0.0.1']});
    await it.client({clientId: 'tcp'});
    await it.client({clientId: 'ws', ws: true});
    const forwarded = {'x-forwarded-for': '::ffff:10.0.0.1, ::ffff:9.9.9.9'};
    await it.client({clientId: 'forwarded', ws: true, wsOptions: {headers: forwarded}});
    const {rows} = await it.gate.api.list({});
    const ips = rows.map(({session}) => session.ip.replace(/:\d+$/, ':port')).sort();
    expect(ips).toEqual(['127.0.0.1', '127.0.0.1:port', '9.9.9.9']);
    const found = await it.gate.api.list({where: 'cidr(ip, "127.0.0.0/8")'});
    expect(found.rows).toHaveLength(2);
  });
});

describe('requests that no module can answer', () => {
  test.each([
    [
      'nonsense',
      '{}',
      'Topic must be [moduleType@moduleID]/[handler]|[moduleType@moduleID]/[handler]/[msgid]',
    ],
    ['HelloWorld/say/1', '{}', "Method(say) must begin with 'HD_'"],
    ['Nobody/HD_say/1', '{}', 'Service(type:Nobody) not found'],
    ['HelloWorld@h9/HD_say/1', '{}', 'Service(type:HelloWorld@h9) not found'],
    ['HelloWorld/HD_say/1', '{broken}', 'The JSON format is incorrect'],
    ['HelloWorld/HD_nothing/1', '{}', 'Remote function(HD_nothing) not found'],
    ['HelloWorld/HD_say/1', '{}', 'the body must be JSON with a string "name"'],
  ])('%s %s → %s', async (topic, body, error) => {
    await using it = await startTestGate();
    const client = await it.client();
    expect(await ask(client, topic, body)).toMatchObject({Error: error, Result: null});
  });

  test('calls the module named by its id', async () => {
    await using it = await startTestGate();
    const client = await it.client();
    expect((await ask(client, 'HelloWorld@h1/HD_say/1', '{"name":"x"}')).Error).toBe('');
  });

  test('runs the handler without a reply for two or four topic parts', async () => {
    const topics: string[] = [];
    await using it = await startTestGate({
      handlers: {
        HD_note: (session) => {
          topics.push(session.topic);
        },
      },
    });
    const client = await it.client();
    const heard: string[] = [];
    client.on('message', (topic) => heard.push(topic));
    for (const topic of ['HelloWorld/HD_note', 'HelloWorld/HD_note/1/2']) client.publish(topic, '{}');
    await ask(client, 'HelloWorld/HD_note/3', '{}');
    expect(topics.sort()).toEqual(['HelloWorld/HD_note', 'HelloWorld/HD_note/1/2', 'HelloWorld/HD_note/3']);
    expect(heard).toEqual(['HelloWorld/HD_note/3']);
  });

  test(`replies "work queue is full" above the client's request limit`, async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await using it = await startTestGate({
      limits: {requestsPerClient: 2},
      handlers: {HD_wait: () => held.then(() => 'done')},
    });
    const client = await it.client();
    const first = [ask(client, 'HelloWorld/HD_wait/1', '{}'), ask(client, 'HelloWorld/HD_wait/2', '{}')];
    expect((await ask(client, 'HelloWorld/HD_wait/3', '{}')).Error).toBe('the work queue is full!');
    release();
    expect((await Promise.all(first)).map(({Result}) => Result)).toEqual(['done', 'done']);
    expect((await ask(client, 'HelloWorld/HD_wait/4', '{}')).Result).toBe('done');
  });

  test('replies "deadline exceeded" for a slow module', async () => {
    await using it = await startTestGate({
      limits: {requestTimeoutMs: 50},
      handlers: {HD_never: () => new Promise(() => {})},
    });
    const client = await it.client();
    expect((await ask(client, 'HelloWorld/HD_never/1', '{}')).Error).toBe('deadline exceeded');
  });
});
