import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {beforeAll, expect} from 'vitest';
import {goProgram} from '../support/go-program.js';
import {until} from '../support/poll.js';
import {describeWith, testWith} from '../support/servers.js';
import {startTestGate} from '../support/test-gate.js';

describeWith('go')('F18: Eclipse Paho in Go', () => {
  let program: string;
  beforeAll(async () => {
    program = await goProgram({folder: 'test/interop/paho'});
  }, 600_000);

  testWith('go').concurrent.for([
    ['3.1', '3'],
    ['3.1.1', '4'],
    ['5', '5'],
  ] as const)(
    'acknowledges QoS 0, 1 and 2 over MQTT %s, keeps the connection by pings, delivers a push',
    async ([, version]) => {
      let calls = 0;
      await using it = await startTestGate({handlers: {HD_count: () => (calls += 1)}});
      const client = spawn(program, [`127.0.0.1:${it.gate.tcpPort}`, version]);
      const ended = once(client, 'close');
      let said = '';
      client.stdout.on('data', (text) => {
        said += text;
      });
      try {
        await until(() => said.includes('ready\n'), {
          what: `paho to be ready, not ${said}`,
        });
        await until(() => calls === 3);
        const [row] = (await it.gate.api.list({})).rows;
        const id = row?.session.sessionId ?? '';
        const started = performance.now();
        // without PINGREQ the gate would close it after seventeen seconds, and without PINGRESP paho would end
        await until(() => performance.now() - started > 18_500 || client.exitCode !== null, {
          everyMs: 100,
          timeoutMs: 60_000,
        });
        expect(said).toBe('ready\n');
        expect((await it.gate.api.list({})).rows.map(({session}) => session.sessionId)).toEqual([id]);
        await it.gate.api.send(id, '/push/a', Buffer.from('hello'));
        await until(() => said === 'ready\nheard /push/a hello\n', {what: said});
        client.stdin.end();
        expect((await ended)[0], said).toBe(0);
        await until(async () => (await it.gate.api.count()).sessions === 0);
      } finally {
        client.kill('SIGKILL');
      }
    },
  );
});
