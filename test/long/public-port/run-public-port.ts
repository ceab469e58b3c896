import {promises as fs} from 'node:fs';
import path from 'node:path';
import {connect} from 'node:tls';
import {Authority} from '../../support/certificates.js';
import {GateProcess} from '../../support/gate-process.js';
import {startNatsCluster} from '../../support/nats-cluster.js';
import {until} from '../../support/poll.js';
import {residentBytes} from '../../support/proc.js';
import {spawnGatectl} from '../../support/run-cli.js';
import {temporaryFolder} from '../../support/temp.js';
import {HonestClients} from './honest-clients.js';
import {HostileClients} from './hostile-clients.js';
import {LoginModule} from './login-module.js';

interface PublicPortOptions {
  /** Clients in all; one of twenty is hostile. */
  readonly clients: number;
  readonly log: (line: string) => void;
}

interface PublicPortResult {
  readonly honest: number;
  /** Honest clients whose connection ended. */
  readonly lost: number;
  /** Sessions of honest users that the gate has at the end. */
  readonly sessions: number;
  readonly attempts: Readonly<Record<string, number>>;
  /** How often each limit applied. */
  readonly hits: Readonly<Record<string, number>>;
  /** Return code of a newcomer while the login module was away, and after it was back. */
  readonly withoutModule: number | undefined;
  readonly withModule: number | undefined;
}

/**
 * A gate on a public port: honest clients over TLS, hostile ones beside them, and meanwhile the certificate is renewed twice, the
 * module that signs clients in is killed, and so is the NATS server of the gate.
 */
export async function runPublicPort({clients, log}: PublicPortOptions): Promise<PublicPortResult> {
  const hostile = Math.max(5, Math.round(clients / 20));
  await using folder = await temporaryFolder();
  const authority = await Authority.create(folder.path);
  const renew = () => authority.issue('server', 'IP:127.0.0.1');
  await using cluster = await startNatsCluster();
  await using login = new LoginModule(cluster.urlsFrom(1));
  await login.start();
  const config = path.join(folder.path, 'gate.json');
  await fs.writeFile(config, JSON.stringify({...gateConfig, tls: await renew()}));
  const flags = ['--config', config, '--ws', '127.0.0.1:0'];
  await using gate = await GateProcess.start('public', cluster.urlsFrom(0), ...flags);
  const ports = {tcp: gate.ready[0]?.tcpPort ?? 0, ws: gate.ready[0]?.wsPort ?? 0};
  const operator = operatorOn(cluster.urlsFrom(1));

  using honest = new HonestClients(ports.tcp, await fs.readFile(authority.cert));
  await using attackers = new HostileClients(ports, hostile);
  let started = performance.now();
  await honest.join(clients - hostile);
  const report = (what: string): void => {
    log(`${what} (${((performance.now() - started) / 1000).toFixed(1)} s); lost ${honest.lost}`);
    started = performance.now();
  };
  report(`${honest.count} honest clients joined beside ${hostile} hostile ones`);
  log(`slowest PINGRESP of all ${(await honest.pingAll()).toFixed(0)} ms; gate ${megabytes(gate.pid)} MB`);

  for (const _ of [1, 2]) {
    const before = await serialOf(ports.tcp);
    await renew();
    await until(async () => (await serialOf(ports.tcp)) !== before, politely);
    report('certificate renewed');
  }
  await login.kill();
  const withoutModule = await honest.tryJoin();
  await login.start();
  let withModule: number | undefined;
  await until(async () => {
    withModule = await honest.tryJoin();
    return withModule === 0;
  }, politely);
  report('module killed and started');
  await cluster.kill(0);
  await until(async () => (await operator.honestSessions()) === honest.count - honest.lost, {
    what: 'a count',
    timeoutMs: 60_000,
  });
  report('NATS server killed, sessions counted on the others');
  await cluster.restart(0);
  log(`slowest PINGRESP of all ${(await honest.pingAll()).toFixed(0)} ms; gate ${megabytes(gate.pid)} MB`);
  return {
    ...{honest: honest.count, lost: honest.lost, sessions: await operator.honestSessions()},
    ...{attempts: attackers.attempts, hits: await operator.limitHits(), withoutModule, withModule},
  };
}

/** Asks again below the rate that the gate allows an address. */
const politely = {everyMs: 300, timeoutMs: 60_000};

const gateConfig = {
  authenticate: {function: 'Login/Authenticate', timeoutMs: 5000},
  limits: {
    ...{connectionsPerAddress: 12, connectsPerAddressPerSecond: 12, refusalPauseMs: 2000},
    ...{messagesPerSecond: 50, connectTimeoutMs: 10_000},
  },
};

const megabytes = (pid: number): string => (residentBytes(pid) / 1024 / 1024).toFixed(0);

/** Returns the serial number of the certificate that a new connection sees. */
function serialOf(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({host: '127.0.0.1', port, rejectUnauthorized: false}, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

/** An operator's commands on the built program. */
function operatorOn(server: string) {
  const run = async (...line: readonly string[]): Promise<string> =>
    (await spawnGatectl(line, {env: {GATECTL_SERVER: server, GATECTL_TIMEOUT: '10s'}})).out;
  return {
    async honestSessions(): Promise<number> {
      const {items} = JSON.parse(
        await run('sessions', 'count', '--where', 'uid.startsWith("honest-")', '-o', 'json'),
      ) as {items: readonly {readonly sessions: number}[]};
      return items.reduce((sum, {sessions}) => sum + sessions, 0);
    },
    async limitHits(): Promise<Readonly<Record<string, number>>> {
      const lines = (await run('metrics')).matchAll(
        /^gatectl_gate_limit_hits_total\{.*limit="(\w+)"\} (\d+)$/gm,
      );
      return Object.fromEntries([...lines].map(([, limit = '', count]) => [limit, Number(count)]));
    },
  };
}
