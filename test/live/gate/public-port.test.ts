import {expect} from 'vitest';
import {runPublicPort} from '../../long/public-port/run-public-port.js';
import {testWith} from '../../support/servers.js';

const test = testWith('nats-server', 'openssl');

test('F19: no honest client of a public port loses its session to hostile ones, renewals and failures', async () => {
  const result = await runPublicPort({clients: 300, log: () => {}});
  expect(result).toMatchObject({honest: 285, lost: 0, sessions: 285, withoutModule: 3, withModule: 0});
  for (const attempts of Object.values(result.attempts)) expect(attempts).toBeGreaterThan(0);
  expect(result.hits).toMatchObject({authenticate: expect.any(Number)});
}, 120_000);
