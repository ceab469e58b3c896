import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {setTimeout as delay} from 'node:timers/promises';
import {connectAsync} from 'mqtt';
import {describe, expect, test} from 'vitest';
import {until} from '../../support/poll.js';
import {testWith} from '../../support/servers.js';
import {startTestGate, type TestGate} from '../../support/test-gate.js';

function run(program: string, it: TestGate, ...argv: readonly string[]) {
  const child = spawn(program, ['-h', '127.0.0.1', '-p', String(it.gate.tcpPort), ...argv]);
  const said = {out: '', err: ''};
  child.stdout.on('data', (text) => {
    said.out += text;
  });
  child.stderr.on('data', (text) => {
    said.err += text;
  });
  return {child, said, ended: once(child, 'close')};
}

const counting = () => {
  const counted = {calls: 0};
  return {counted, handlers: {HD_count: () => (counted.calls += 1)}};
};

describe('F18: third-party clients', () => {
  for (const version of ['mqttv31', 'mqttv311', 'mqttv5']) {
    testWith('mosquitto_pub')(`mosquitto_pub of ${version} publishes once at QoS 0, 1 and 2`, async () => {
      const {counted, handlers} = counting();
      await using it = await startTestGate({handlers});
      for (const qos of ['0', '1', '2']) {
        const argv = ['-V', version, '-q', qos, '-t', 'HelloWorld/HD_count', '-m', '{}', '-i', 'pub'];
        const {said, ended} = run('mosquitto_pub', it, ...argv);
        expect((await ended)[0], said.err).toBe(0);
      }
      await until(() => counted.calls === 3);
      await until(async () => (await it.gate.api.count()).sessions === 0);
    });

    testWith('mosquitto_sub')(`mosquitto_sub of ${version} gets its subscription acknowledged`, async () => {
      await using it = await startTestGate();
      const {said, ended} = run('mosquitto_sub', it, '-V', version, '-t', '/push/#', '-i', 'sub', '-E');
      expect((await ended)[0], said.err).toBe(0);
    });

    testWith('mosquitto_sub')(
      `mosquitto_sub of ${version} stays connected by pings and gets a push`,
      async () => {
        await using it = await startTestGate();
        const argv = ['-V', version, '-t', '/push/#', '-k', '5', '-i', 'sub', '-v', '-C', '1'];
        const {said, ended} = run('mosquitto_sub', it, ...argv);
        const row = await until(async () => (await it.gate.api.list({})).rows[0]);
        if (version === 'mqttv311') await delay(8000); // one and a half keep-alives have passed
        await it.gate.api.send(row.session.sessionId, '/push/a', Buffer.from('hello'));
        expect((await ended)[0], said.err).toBe(0);
        expect(said.out).toBe('/push/a hello\n');
      },
    );
  }

  test.concurrent.each([3, 4, 5] as const)(
    'mqtt.js of version %i pings three times, gets a push, publishes at QoS 0, 1 and 2',
    async (protocolVersion) => {
      const {counted, handlers} = counting();
      await using it = await startTestGate({handlers});
      const client = await connectAsync(`mqtt://127.0.0.1:${it.gate.tcpPort}`, {
        protocolVersion,
        protocolId: protocolVersion === 3 ? 'MQIsdp' : 'MQTT',
        keepalive: 4, // it gives up when it has not read an answer after half of it, and it is held up where the gate is
        reconnectPeriod: 0,
      });
      let pings = 0;
      client.on('packetreceive', ({cmd}) => {
        if (cmd === 'pingresp') pings += 1;
      });
      await until(() => pings >= 3, {what: 'three pings', timeoutMs: 60_000});
      for (const qos of [0, 1, 2] as const) await client.publishAsync('HelloWorld/HD_count', '{}', {qos});
      await until(() => counted.calls === 3);
      const heard: string[] = [];
      client.on('message', (topic, body) => heard.push(`${topic} ${body}`));
      const [row] = (await it.gate.api.list({})).rows;
      await it.gate.api.send(row?.session.sessionId ?? '', '/push/a', Buffer.from('hello'));
      await until(() => heard.includes('/push/a hello'));
      await client.endAsync();
    },
  );
});
