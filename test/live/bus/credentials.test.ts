import {promises as fs} from 'node:fs';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {Authority} from '../../support/certificates.js';
import {startNats} from '../../support/nats.js';
import {JwtOperator} from '../../support/nats-jwt.js';
import {natsVersions} from '../../support/nats-versions.js';
import {spawnGatectl} from '../../support/run-cli.js';
import {describeWith} from '../../support/servers.js';
import {type TemporaryFolder, temporaryFolder} from '../../support/temp.js';

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

const inFolder = (name: string): string => path.join(folder.path, name);

async function file(name: string, text: string): Promise<string> {
  await fs.writeFile(inFolder(name), text, {mode: 0o600});
  return inFolder(name);
}

/** What comes when NATS has let us in, and nobody is there. */
const letIn = {code: 8, err: expect.stringContaining('no gate of type "Gate"')};

const ask = async (...flags: readonly string[]) => {
  const {code, err, ms} = await spawnGatectl(['gates', 'list', '--timeout', '20s', ...flags]);
  return {code, err, ms};
};

describeWith('nats-server')('C01: credentials of a decentralised server', () => {
  test('accepts a credentials file and a natscli context with JWT and seed; rejects expired and foreign ones', async () => {
    const operator = new JwtOperator();
    await using nats = await startNats(operator.conf);
    const user = operator.user();
    const good = await file('good.creds', user.creds);
    expect(await ask('--server', nats.url, '--creds', good)).toMatchObject(letIn);
    for (const [name, creds] of [
      ['expired', operator.user(Date.now() - 60_000).creds],
      ['foreign', new JwtOperator().user().creds],
    ] as const) {
      const bad = await file(`${name}.creds`, creds);
      const {code, err} = await ask('--server', nats.url, '--creds', bad);
      expect({name, code, err}).toEqual({
        name,
        code: 4,
        err: expect.stringContaining(`refused the credentials "${bad}"`),
      });
    }
    await fs.mkdir(inFolder('nats/context'), {recursive: true});
    await file(
      'nats/context/jwt.json',
      JSON.stringify({url: nats.url, user_jwt: user.jwt, user_seed: user.seed}),
    );
    const {code, err} = await spawnGatectl(['gates', 'list', '--timeout', '20s', '--nats-context', 'jwt'], {
      env: {XDG_CONFIG_HOME: folder.path},
    });
    expect({code, err}).toEqual(letIn);
  });
});

describeWith('nats-server', 'openssl')('TLS', () => {
  let authority: Authority;
  beforeAll(async () => {
    authority = await Authority.create(folder.path);
  });

  const conf = ({cert, key}: {readonly cert: string; readonly key: string}, more = '') =>
    `tls { cert_file: "${cert}", key_file: "${key}" ${more} }`;

  test('C01: accepts a client certificate for mutual TLS; rejects none and one of another authority', async () => {
    const server = await authority.issue('server', 'IP:127.0.0.1');
    const client = await authority.issue('client', 'email:op@example.org');
    await fs.mkdir(inFolder('other'));
    const stranger = await (await Authority.create(inFolder('other'))).issue(
      'stranger',
      'email:x@example.org',
    );
    await using nats = await startNats(conf(server, `, ca_file: "${authority.cert}", verify: true`));
    const flags = ['--server', `tls://127.0.0.1:${nats.port}`, '--tls-ca', authority.cert];
    expect(await ask(...flags, '--tls-cert', client.cert, '--tls-key', client.key)).toMatchObject(letIn);
    for (const bad of [[], ['--tls-cert', stranger.cert, '--tls-key', stranger.key]]) {
      const {code, err} = await ask(...flags, ...bad);
      expect([4, 8], err).toContain(code);
      expect(err).not.toContain('no gate of type');
    }
  });

  test('C18: rejects an expired certificate, another name, an unknown authority and a server without TLS, each with its reason', async () => {
    const [expired, named, good] = [
      await authority.issue('expired', 'IP:127.0.0.1', {expired: true}),
      await authority.issue('named', 'DNS:nats.example.org'),
      await authority.issue('good', 'IP:127.0.0.1'),
    ];
    const said = new Set<string>();
    const refused = async (port: number, ...flags: readonly string[]) => {
      const {code, err} = await ask('--server', `tls://127.0.0.1:${port}`, ...flags);
      expect({flags, code}).toEqual({flags, code: 8});
      expect(err).not.toContain('no gate of type');
      said.add(err.split('\n')[0]?.replaceAll(/\d{4,5}/g, 'n') ?? '');
    };
    for (const pair of [expired, named]) {
      await using nats = await startNats(conf(pair));
      await refused(nats.port, '--tls-ca', authority.cert);
    }
    await using trusted = await startNats(conf(good));
    await refused(trusted.port);
    await using plain = await startNats();
    await refused(plain.port, '--tls-ca', authority.cert);
    expect([...said]).toHaveLength(4);
    expect(
      await ask('--server', `tls://127.0.0.1:${trusted.port}`, '--tls-ca', authority.cert),
    ).toMatchObject(letIn);
  });

  const modern = natsVersions().filter(
    ({version}) => version.localeCompare('2.10.4', undefined, {numeric: true}) >= 0,
  );

  describe.each(modern)('nats-server $version', ({program}) => {
    test('C18: starts TLS before the greeting', async () => {
      const good = await authority.issue('first', 'IP:127.0.0.1');
      await using nats = await startNats(conf(good, ', handshake_first: true'), program);
      const flags = ['--server', `tls://127.0.0.1:${nats.port}`, '--tls-ca', authority.cert];
      expect(await ask(...flags, '--tls-first')).toMatchObject(letIn);
      expect((await ask(...flags)).err).not.toContain('no gate of type');
    });
  });
});
