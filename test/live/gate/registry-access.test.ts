import {readFileSync} from 'node:fs';
import {writeFile} from 'node:fs/promises';
import {request} from 'node:https';
import path from 'node:path';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {type Authority, makeAuthority} from '../../support/authority.js';
import {startConsul} from '../../support/consul.js';
import {startEtcd} from '../../support/etcd.js';
import {GateProcess} from '../../support/gate-process.js';
import {startBus, type TestBus} from '../../support/nats.js';
import {until} from '../../support/poll.js';
import {spawnGatectl} from '../../support/run-cli.js';
import {describeWith, type TestServer} from '../../support/servers.js';
import {type TemporaryFolder, temporaryFolder} from '../../support/temp.js';

let bus: TestBus;
let folder: TemporaryFolder;
let authority: Authority;

/** A gate of its own process with these flags: who sees it with the same flags, that nobody sees it without, that it leaves. */
async function registersWith(flags: readonly string[]): Promise<void> {
  const list = () =>
    spawnGatectl(['gates', 'list', '-o', 'ids', '--server', bus.url, '--timeout', '20s', ...flags]);
  {
    await using gate = await GateProcess.start('a', bus.url, ...flags);
    expect(await list()).toMatchObject({code: 0, out: 'Gate@a\n', err: ''});
    gate.signal('SIGTERM');
    expect(await gate.ended()).toBe(0);
  }
  await until(async () => (await list()).out === '', {what: 'its record to go', timeoutMs: 15_000});
}

/** The exit code and what is said when a gate may not register, or cannot. */
async function refused(
  flags: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{readonly code: number; readonly err: string}> {
  const argv = [
    'gate',
    'run',
    '--id',
    'b',
    '--tcp',
    '127.0.0.1:0',
    '--server',
    bus.url,
    '--timeout',
    '20s',
    ...flags,
  ];
  const {code, err} = await spawnGatectl(argv, {env});
  return {code, err};
}

async function secretFile(name: string, text: string): Promise<string> {
  const file = path.join(folder.path, name);
  await writeFile(file, `${text}\n`, {mode: 0o600});
  return file;
}

beforeAll(async () => {
  [bus, folder, authority] = await Promise.all([startBus(), temporaryFolder(), makeAuthority()]);
});
afterAll(async () => {
  for (const part of [bus, folder, authority]) await part?.[Symbol.asyncDispose]();
});

describeWith('etcd', 'openssl')('gate run on an etcd with users, over TLS', () => {
  let etcd: TestServer;
  let url: string;
  const password = 'p:w/1@%';

  beforeAll(async () => {
    etcd = await startEtcd({tls: authority.server});
    url = etcd.url.replace('https', 'etcds');
    const post = (name: string, body: object) => postTo(`${etcd.url}/v3/auth/${name}`, authority.ca, body);
    await post('user/add', {name: 'root', password});
    await post('role/add', {name: 'root'});
    await post('user/grant', {user: 'root', role: 'root'});
    await post('user/add', {name: 'nobody', password: 'canary'});
    await post('enable', {});
  });
  afterAll(async () => await etcd?.[Symbol.asyncDispose]());

  test('registers with --registry-user, --registry-password-file and --registry-ca, and unregisters', async () => {
    const file = await secretFile('password', password);
    const user = ['--registry-user', 'root', '--registry-password-file', file];
    await registersWith(['--registry', url, ...user, '--registry-ca', authority.ca]);
  }, 60_000);

  test('C01: names the wrong user and explains an unknown authority without showing secrets', async () => {
    const secure = ['--registry', url, '--registry-ca', authority.ca];
    const as = (user: string) =>
      refused([...secure, '--registry-user', user], {GATECTL_REGISTRY_PASSWORD: 'canary'});
    const wrong = await as('root');
    expect(wrong).toMatchObject({code: 4, err: expect.stringContaining('refused the user "root"')});
    const powerless = await as('nobody');
    expect(powerless).toMatchObject({code: 4, err: expect.stringContaining('permission denied')});
    const nobody = await refused(secure);
    expect(nobody).toMatchObject({code: 4, err: expect.stringContaining('user name is empty')});
    const stranger = await refused(['--registry', url]);
    expect(stranger).toMatchObject({code: 8, err: expect.stringMatching(/certificate|signed/i)});
    for (const {err} of [wrong, powerless, nobody, stranger]) expect(err).not.toContain('canary');
  }, 60_000);
});

describeWith('etcd', 'openssl')('gate run on an etcd that requires a client certificate', () => {
  test('registers with --registry-cert and --registry-key, and is unreachable without', async () => {
    await using etcd = await startEtcd({tls: {...authority.server, clientCa: authority.ca}});
    const {ca, client} = authority;
    const secure = ['--registry', etcd.url.replace('https', 'etcds'), '--registry-ca', ca];
    await registersWith([...secure, '--registry-cert', client.cert, '--registry-key', client.key]);
    expect(await refused(secure)).toMatchObject({code: 8});
    const half = await refused([...secure, '--registry-cert', client.cert]);
    expect(half).toMatchObject({code: 2, err: expect.stringContaining('requires its key')});
  }, 60_000);
});

describeWith('consul', 'openssl')(
  'gate run on a consul with an ACL, over TLS, that requires a client certificate',
  () => {
    test('registers with --registry-token-file and the certificate; rejects another token without showing it', async () => {
      const management = '11111111-2222-3333-4444-555555555555';
      const {ca, client, server} = authority;
      await using consul = await startConsul({tls: {...server, clientCa: ca}, managementToken: management});
      const pair = ['--registry-cert', client.cert, '--registry-key', client.key];
      const secure = ['--registry', consul.url.replace('https', 'consuls'), '--registry-ca', ca, ...pair];
      await registersWith([...secure, '--registry-token-file', await secretFile('token', management)]);
      const other = '99999999-aaaa-bbbb-cccc-dddddddddddd';
      const wrong = await refused(secure, {GATECTL_REGISTRY_TOKEN: other});
      expect(wrong).toMatchObject({code: 4});
      expect(wrong.err).not.toContain('99999999');
      expect(await refused(secure)).toMatchObject({code: 4});
    }, 60_000);
  },
);

/** A call to etcd's own interface; the tests' `fetch` trusts no authority of ours. */
function postTo(url: string, ca: string, body: object): Promise<void> {
  return new Promise((resolve, reject) => {
    const asked = request(url, {method: 'POST', ca: readFileSync(ca)}, (response) => {
      response.resume();
      if (response.statusCode === 200) response.once('end', resolve);
      else reject(new Error(`${url}: ${response.statusCode}`));
    });
    asked.once('error', reject);
    asked.end(JSON.stringify(body));
  });
}
