import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {until} from '../../support/poll.js';
import {RawClient, startTestGate, type TestGate} from '../../support/test-gate.js';

let it: TestGate;
beforeAll(async () => {
  it = await startTestGate();
});
afterAll(async () => {
  await it[Symbol.asyncDispose]();
});

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** All bytes that the gate sends until it closes. */
async function answerTo(...sent: readonly Buffer[]): Promise<string> {
  const raw = await RawClient.connect(it.gate.tcpPort ?? 0);
  const heard: Buffer[] = [];
  raw.socket.on('data', (bytes) => heard.push(bytes as Buffer));
  const answers = () => Buffer.concat(heard);
  for (const [at, bytes] of sent.entries()) {
    raw.socket.write(bytes);
    if (at < sent.length - 1) await until(() => answers().length > 0, {what: 'CONNACK'});
  }
  await raw.ended();
  return answers().toString('hex');
}

const connect4 = hex('10 0d 0004 4d515454 04 02 001e 0001 61');
const connect5 = hex('10 0e 0004 4d515454 05 02 001e 00 0001 61');

describe('D3: replies to a client that broke a rule', () => {
  test.each([
    ['an authentication method', '10 14 0004 4d515454 05 02 001e 06 15 0003 6d 6f 64 0001 61', '8c'],
    ['authentication data alone', '10 12 0004 4d515454 05 02 001e 04 16 0001 64 0001 61', '82'],
    ['a receive maximum of 0', '10 11 0004 4d515454 05 02 001e 03 21 0000 0001 61', '82'],
    ['a maximum packet size of 0', '10 13 0004 4d515454 05 02 001e 05 27 00000000 0001 61', '82'],
    ['the reserved flag', '10 0e 0004 4d515454 05 03 001e 00 0001 61', '81'],
    ['a retained will', '10 15 0004 4d515454 05 26 001e 00 0001 61 00 0001 77 0001 78', '9a'],
    ['a client id with a NUL', '10 0e 0004 4d515454 05 02 001e 00 0001 00', '81'],
  ])('CONNECT of MQTT 5 with %s: CONNACK of MQTT 5', async (_, bytes, code) => {
    expect(await answerTo(hex(bytes))).toMatch(new RegExp(`^20..00${code}`));
  });

  test.each([
    ['an unknown level', '10 0d 0004 4d515454 06 02 001e 0001 61', '20020001'],
    ['an empty client id that is to be kept', '10 0c 0004 4d515454 04 00 001e 0000', '20020002'],
    ['the reserved flag', '10 0d 0004 4d515454 04 03 001e 0001 61', ''],
    ['a password and no user name', '10 10 0004 4d515454 04 42 001e 0001 61 0001 70', ''],
    ['PINGREQ in its place', 'c0 00', ''],
  ])('CONNECT before MQTT 5 with %s', async (_, bytes, answer) => {
    expect(await answerTo(hex(bytes))).toBe(answer);
  });

  test.each([
    ['an empty filter in UNSUBSCRIBE', 'a2 04 0007 0000', 'a2 05 0007 00 0000', '82'],
    ['a surrogate in SUBSCRIBE', '82 08 0007 0003 eda080 00', '82 09 0007 00 0003 eda080 00', '81'],
    ['a NUL in SUBSCRIBE', '82 06 0007 0001 00 00', '82 07 0007 00 0001 00 00', '81'],
    ['a byte too many in PINGREQ', 'c0 01 00', 'c0 01 00', '81'],
    ['a byte too many in PUBACK', '40 03 0007 00', '40 05 0007 00 00 00', '81'],
    ['PUBREL with a property of PUBLISH', '62 03 0007 00', '62 06 0007 00 02 01 00', '81'],
    ['a packet of servers', 'd0 00', 'd0 00', '82'],
    ['a second CONNECT', connect4.toString('hex'), connect5.toString('hex'), '82'],
    ['RETAIN', '38 04 0001 61 78', '31 05 0001 61 00 78', '9a'],
  ])('%s: closed before MQTT 5, DISCONNECT with the reason in it', async (_, bytes4, bytes5, code) => {
    expect(await answerTo(connect4, hex(bytes4))).toBe('20020000');
    expect(await answerTo(connect5, hex(bytes5))).toMatch(
      new RegExp(`^20.*e0..${code}..1f`), // with a reason string
    );
  });

  test('drops a reply larger than the client accepts', async () => {
    const small = hex('10 13 0004 4d515454 05 02 001e 05 27 00000018 0001 61'); // holds a CONNACK, but not every SUBACK
    const manyFilters = hex(`82 67 0007 00 ${'0001 61 00'.repeat(25)}`);
    const twoFilters = hex('82 0b 0008 00 0001 61 00 0001 62 00');
    const raw = await RawClient.connect(it.gate.tcpPort ?? 0);
    const heard: Buffer[] = [];
    raw.socket.on('data', (bytes) => heard.push(bytes as Buffer));
    raw.socket.write(Buffer.concat([small, manyFilters, twoFilters, hex('c0 00')]));
    const answers = () => Buffer.concat(heard).toString('hex');
    await until(() => answers().endsWith('d000'), {what: 'PINGRESP'});
    raw.destroy();
    expect(answers()).toMatch(/^20[0-9a-f]*90050008000000d000$/);
    expect(answers()).not.toContain('901c0007'); // the SUBACK of 25 filters
  });

  test('UNSUBSCRIBE with a misplaced wildcard: closed before MQTT 5, refused in UNSUBACK in it', async () => {
    expect(await answerTo(connect4, hex('a2 06 0007 0002 612b'))).toBe('20020000');
    const refused = await answerTo(connect5, hex('a2 0a 0007 00 0002 612b 0001 61 e0 00'));
    expect(refused).toMatch(/b0050007008f11$/);
  });
});
