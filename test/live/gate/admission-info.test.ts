import {promises as fs} from 'node:fs';
import path from 'node:path';
import {expect} from 'vitest';
import {GateProcess} from '../../support/gate-process.js';
import {MqttClients} from '../../support/mqtt-clients.js';
import {startBus} from '../../support/nats.js';
import {spawnGatectl} from '../../support/run-cli.js';
import {selfSigned} from '../../support/self-signed.js';
import {testWith} from '../../support/servers.js';
import {temporaryFolder} from '../../support/temp.js';

const test = testWith('openssl');

test('gates info, metrics and doctor show the limits of an open port, who meets them, and its certificate', async () => {
  await using folder = await temporaryFolder();
  const file = (name: string): string => path.join(folder.path, name);
  const {cert, key} = await selfSigned();
  await fs.writeFile(file('cert.pem'), cert);
  await fs.writeFile(file('key.pem'), key);
  const config = {
    tls: {cert: file('cert.pem'), key: file('key.pem'), minVersion: 'TLSv1.3'},
    limits: {maxSessions: 2, connectionsPerAddress: 4, connectsPerAddressPerSecond: 0, refusalPauseMs: 0},
    authenticate: {passwordFile: file('players'), userId: 'username'},
    warmUpMs: 0,
    origins: ['https://game.example.com'],
  };
  await fs.writeFile(file('gate.json'), JSON.stringify(config));
  const made = await spawnGatectl(['gate', 'passwd', file('players'), 'neo', '--password-file', '-'], {
    input: 'right',
  });
  expect(made.code, made.err).toBe(0);
  await using bus = await startBus();
  await using gate = await GateProcess.start('open', bus.url, '--config', file('gate.json'));
  await using clients = new MqttClients();
  const url = gate.tcp.replace('mqtt:', 'mqtts:');
  const open = (password: string) =>
    clients.open(url, {username: 'neo', password, rejectUnauthorized: false});
  await expect(open('wrong')).rejects.toThrow();
  for (const _ of [1, 2]) await open('right');
  await expect(open('right')).rejects.toThrow(/server unavailable/i);

  const gatectl = (...line: readonly string[]) => spawnGatectl(line, {env: {GATECTL_SERVER: bus.url}});
  const [{admission}] = JSON.parse((await gatectl('gates', 'info', '-o', 'json')).out).items;
  expect(admission).toEqual({
    authenticate: 'password-file',
    warmUpMs: 0,
    origins: ['https://game.example.com'],
    limits: {
      ...{maxSessions: 2, connectionsPerAddress: 4, connectsPerAddressPerSecond: 0},
      ...{sessionsPerUser: 0, requestsPerClient: 20},
    },
    certificates: [{listener: 'tcp', minVersion: 'TLSv1.3', expiresAt: expect.any(String)}],
  });
  expect(Date.parse(admission.certificates[0].expiresAt)).toBeGreaterThan(Date.now());
  const {out} = await gatectl('metrics');
  for (const limit of ['maxSessions', 'authenticate'])
    expect(out).toContain(`gatectl_gate_limit_hits_total{gate="Gate@open",limit="${limit}"} 1\n`);
  const {items} = JSON.parse((await gatectl('doctor', '-o', 'json')).out);
  const warned = items.filter(({state}: {readonly state: string}) => state === 'warn');
  expect(warned).toEqual(
    expect.arrayContaining([
      expect.objectContaining({check: 'limits', next: expect.stringContaining('limits.maxSessions')}),
      expect.objectContaining({
        check: 'limits',
        next: expect.stringContaining("check the clients' credentials"),
      }),
      expect.objectContaining({check: 'certificate', detail: expect.stringMatching(/^tcp: expires in 1d/)}),
    ]),
  );
});
