import {expect, test} from 'vitest';
import {warmUpProcessOnce} from '../../../src/gate/node/warm-up.js';
import {until} from '../../support/poll.js';
import {ask, startTestGate} from '../../support/test-gate.js';

test('a warm-up ends in time, is done once in a process, and nobody can see or count its clients', async () => {
  const handles = () => process.getActiveResourcesInfo().filter((name) => name !== 'Immediate').length;
  const before = handles();
  const started = performance.now();
  const log: string[] = [];
  await warmUpProcessOnce(1_000, (line) => log.push(line));
  expect(performance.now() - started).toBeLessThan(3_000); // 1,500, and the end of a round
  expect(log).toEqual([]);
  await until(() => handles() <= before, {what: 'the sockets of the warm-up to be gone'});
  const again = performance.now();
  await using it = await startTestGate({warmUpMs: 60_000});
  expect(performance.now() - again).toBeLessThan(5_000);
  expect(it.log).toEqual([]);
  expect(await it.gate.api.stats()).toMatchObject({
    sessions: 0,
    connects: 0,
    disconnects: 0,
    received: 0,
    sent: 0,
  });
  const client = await it.client();
  expect((await ask(client, 'HelloWorld/HD_say/1', '{"name":"neo"}')).Error).toBe('');
  expect(await it.gate.api.stats()).toMatchObject({sessions: 1, connects: 1});
});
