import {describe, expect, test} from 'vitest';
import {until} from '../../support/poll.js';
import {sessionIdOf, startTestGate} from '../../support/test-gate.js';

describe('a draining gate', () => {
  test('refuses clients in the words of their MQTT version', async () => {
    await using it = await startTestGate();
    await it.gate.api.setDraining(true);
    for (const [version, wanted] of [
      [3, {returnCode: 3}],
      [4, {returnCode: 3}],
      [5, {reasonCode: 0x9c}],
    ] as const) {
      const raw = await it.raw();
      raw.connect(version);
      expect(await raw.packet('connack')).toMatchObject(wanted);
      await raw.ended();
    }
    expect(await it.gate.api.stats()).toMatchObject({sessions: 0, connects: 0, refused: 3});
  });

  test('refuses a client that was being authenticated when the drain began', async () => {
    let isAsked = false;
    let allow = (_: boolean): void => {};
    const answer = new Promise<boolean>((resolve) => {
      allow = resolve;
    });
    const authenticate = async (): Promise<boolean> => {
      isAsked = true;
      return await answer;
    };
    await using it = await startTestGate({authenticate});
    const raw = await it.raw();
    raw.connect(5);
    await until(() => isAsked, {what: 'the question to the authenticator'});
    await it.gate.api.setDraining(true);
    allow(true);
    expect(await raw.packet('connack')).toMatchObject({reasonCode: 0x9c});
    isAsked = false;
    (await it.raw()).connect(4);
    await until(async () => (await it.gate.api.stats()).refused === 2, {what: 'the second refusal'});
    expect(isAsked, 'nobody is asked about a client that is refused anyway').toBe(false);
  });

  test('serves its sessions, and sends those that are closed to another server', async () => {
    await using it = await startTestGate();
    const [client, raw] = [await it.client(), await it.raw()];
    raw.connect(5);
    await raw.packet('connack');
    await it.gate.api.setDraining(true);
    const kept = await sessionIdOf(client);
    const {rows} = await it.gate.api.list({});
    const other = rows.find(({session}) => session.sessionId !== kept)?.session.sessionId ?? '';
    await it.gate.api.close(other);
    expect(await raw.packet('disconnect')).toMatchObject({reasonCode: 0x9c});
    await raw.ended();
    await it.gate.api.setDraining(false);
    await it.gate.api.close(kept);
    await it.client();
  });

  test('says so in the registry, until it is resumed', async () => {
    await using it = await startTestGate();
    const metadata = async () => (await it.registry.nodes('Gate'))[0]?.metadata ?? {};
    expect(await metadata()).toMatchObject({state: 'alive'});
    await it.gate.api.setDraining(true);
    expect(await metadata()).toMatchObject({state: 'forbidden', weight: '0', server: 'rpc'});
    await it.gate.api.setDraining(true);
    await it.gate.api.setDraining(false);
    expect(await metadata()).toMatchObject({state: 'alive'});
    expect(await metadata()).not.toHaveProperty('weight');
    expect(it.log.filter((line) => /drain|resum/.test(line))).toHaveLength(2);
  });
});
