import {describe, expect, test} from 'vitest';
import type {GateOptions} from '../../../src/gate/node/gate-options.js';
import {until} from '../../support/poll.js';
import {type RawClient, startTestGate, type TestGate} from '../../support/test-gate.js';

const payload = '{"name":"neo"}';

async function connected(it: TestGate, fields: object = {}, version: 4 | 5 = 5): Promise<RawClient> {
  const raw = await it.raw();
  raw.connect(version, fields);
  expect(await raw.packet('connack')).toMatchObject({[version === 5 ? 'reasonCode' : 'returnCode']: 0});
  return raw;
}

describe('a request with a response topic', () => {
  const request = (raw: RawClient, topic: string, properties: object): void =>
    raw.send({cmd: 'publish', topic, payload, qos: 0, dup: false, retain: false, properties}, 5);

  test('is answered there, with its correlation data', async () => {
    await using it = await startTestGate();
    const raw = await connected(it);
    const correlationData = Buffer.from([0, 1, 255]);
    request(raw, 'HelloWorld/HD_whoami', {responseTopic: 'answers/me', correlationData});
    const {topic, payload: body, properties} = await raw.packet('publish');
    expect({topic, ...properties}).toEqual({topic: 'answers/me', correlationData});
    expect(JSON.parse(body.toString())).toMatchObject({Error: '', Result: {network: 'tcp'}});
  });

  test('is answered there with an error too', async () => {
    await using it = await startTestGate();
    const raw = await connected(it);
    request(raw, 'Nobody/HD_x', {responseTopic: 'answers/me', correlationData: Buffer.from('7')});
    const {topic, payload: body, properties} = await raw.packet('publish');
    expect({topic, data: properties?.correlationData?.toString()}).toEqual({topic: 'answers/me', data: '7'});
    expect(JSON.parse(body.toString()).Error).toContain('not found');
  });

  test('correlation data alone is returned on the topic of the request', async () => {
    await using it = await startTestGate();
    const raw = await connected(it);
    request(raw, 'HelloWorld/HD_whoami/1', {correlationData: Buffer.from('7')});
    const {topic, properties} = await raw.packet('publish');
    expect({topic, data: properties?.correlationData?.toString()}).toEqual({
      ...{topic: 'HelloWorld/HD_whoami/1', data: '7'},
    });
  });
});

describe('reason strings', () => {
  const refuse: Partial<GateOptions> = {authenticate: () => ({allow: false, refusal: 'badCredentials'})};

  test('say why a client is refused and why it is closed', async () => {
    await using refusing = await startTestGate(refuse);
    const refused = await refusing.raw();
    refused.connect(5);
    expect(await refused.packet('connack')).toMatchObject({
      ...{reasonCode: 0x86, properties: {reasonString: 'wrong user name or password'}},
    });
    await using it = await startTestGate();
    const raw = await connected(it);
    raw.send({cmd: 'publish', topic: 'a', payload, qos: 0, dup: false, retain: true}, 5);
    const {reasonCode, properties} = await raw.packet('disconnect');
    expect({reasonCode, why: properties?.reasonString}).toEqual({
      ...{reasonCode: 0x9a, why: 'PUBLISH with RETAIN [MQTT-3.2.2-14]'},
    });
  });

  test.each([
    ['does not want them', {requestProblemInformation: false}],
    ['has no room for them', {maximumPacketSize: 20}],
  ])('are left out for a client that %s', async (_, properties) => {
    await using it = await startTestGate(refuse);
    const raw = await it.raw();
    raw.connect(5, {properties});
    const connack = await raw.packet('connack');
    expect(connack.reasonCode).toBe(0x86);
    expect(connack.properties).toBeUndefined();
  });
});

describe('a will', () => {
  /** A gate whose module hears wills, and what it heard. */
  async function hearing(options: Partial<GateOptions> = {}) {
    const heard: string[] = [];
    const it = await startTestGate({
      ...options,
      handlers: {
        HD_gone: (session, body) => {
          heard.push(`${session.sessionId.length > 0} ${JSON.stringify(body)}`);
        },
      },
    });
    return {it, heard};
  }
  const will = {topic: 'HelloWorld/HD_gone', payload: Buffer.from(payload), qos: 0, retain: false};

  test.each([
    ['leaves without DISCONNECT', (raw: RawClient) => raw.destroy(), 4],
    [
      'leaves with another reason than 0',
      (raw: RawClient) => raw.send({cmd: 'disconnect', reasonCode: 4}, 5),
      5,
    ],
    ['breaks a rule', (raw: RawClient) => raw.send(Buffer.of(0xd0, 0)), 4],
  ] as const)('is routed to its module when the client %s', async (_, leave, version) => {
    const {it, heard} = await hearing();
    await using _gate = it;
    const raw = await connected(it, {will}, version);
    leave(raw);
    await until(() => heard.length > 0, {what: 'the will'});
    expect(heard).toEqual([`true ${JSON.stringify(JSON.parse(payload))}`]);
  });

  test('is routed when the session is closed by an operator, or by the end of the gate', async () => {
    const {it, heard} = await hearing();
    await using _gate = it;
    await connected(it, {will});
    const [row] = (await it.gate.api.list({})).rows;
    await it.gate.api.close(row?.session.sessionId ?? '');
    await until(() => heard.length === 1, {what: 'the will of the closed session'});
    await connected(it, {will});
    await it.gate.stop();
    await until(() => heard.length === 2, {what: 'the will at the end'});
  });

  test('is dropped by DISCONNECT', async () => {
    const {it, heard} = await hearing();
    await using _gate = it;
    const raw = await connected(it, {will});
    raw.send({cmd: 'disconnect', reasonCode: 0}, 5);
    await raw.ended();
    const other = await connected(it, {will});
    other.destroy(); // its will comes after anything of the first
    await until(() => heard.length > 0, {what: 'the second will'});
    expect(heard).toHaveLength(1);
  });

  test.each([
    ['publish', 5, {...will, topic: 'clients/1/status'}, 0x90],
    ['publish', 4, {...will, topic: 'clients/1/status'}, 0],
    ['refuse', 5, will, 0x90],
    ['refuse', 4, will, 5],
    ['ignore', 5, {...will, topic: 'clients/1/status'}, 0],
  ] as const)('with "%s" and MQTT %i: %o gets CONNACK %i', async (rule, version, one, code) => {
    await using it = await startTestGate({will: rule});
    const raw = await it.raw();
    raw.connect(version, {will: one});
    const connack = await raw.packet('connack');
    expect(connack[version === 5 ? 'reasonCode' : 'returnCode']).toBe(code);
  });

  test('is dropped with "ignore"', async () => {
    const {it, heard} = await hearing({will: 'ignore'});
    await using _gate = it;
    (await connected(it, {will})).destroy();
    await until(async () => (await it.gate.api.count()).sessions === 0, {what: 'the client to be gone'});
    await it.gate.stop();
    expect(heard).toEqual([]);
  });
});

describe('what a gate does not have', () => {
  const publish = (raw: RawClient, fields: object, version: 4 | 5 = 5): void =>
    raw.send(
      {
        ...{cmd: 'publish', topic: 'HelloWorld/HD_whoami/1', payload, qos: 0, dup: false, retain: false},
        ...fields,
      },
      version,
    );

  test('RETAIN before MQTT 5 is ignored', async () => {
    await using it = await startTestGate();
    const raw = await connected(it, {}, 4);
    publish(raw, {retain: true}, 4);
    expect(await raw.packet('publish')).toMatchObject({topic: 'HelloWorld/HD_whoami/1', retain: false});
  });

  test('properties of a message are accepted', async () => {
    await using it = await startTestGate();
    const raw = await connected(it);
    const properties = {
      payloadFormatIndicator: true,
      messageExpiryInterval: 5,
      contentType: 'a',
      userProperties: {b: 'c'},
    };
    publish(raw, {properties});
    const {properties: returned} = await raw.packet('publish');
    expect(returned).toBeUndefined();
  });

  test('a shared subscription is refused in SUBACK', async () => {
    await using it = await startTestGate();
    const raw = await connected(it);
    const subscriptions = ['$share/g/a', 'a'].map((topic) => ({topic, qos: 0 as const}));
    raw.send({cmd: 'subscribe', messageId: 1, subscriptions}, 5);
    expect((await raw.packet('suback')).granted).toEqual([0x9e, 0]);
  });

  test('QoS 2 above the receive maximum of the gate closes the connection', async () => {
    await using it = await startTestGate();
    const raw = await connected(it);
    const {properties} = await raw.packet('connack');
    expect(properties?.receiveMaximum).toBe(1024);
    for (let messageId = 1; messageId <= 1025; messageId += 1) publish(raw, {qos: 2, messageId});
    expect((await raw.packet('disconnect')).reasonCode).toBe(0x93);
  });
});
