import {promises as fs} from 'node:fs';
import path from 'node:path';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {startNats} from '../../support/nats.js';
import {spawnGatectl} from '../../support/run-cli.js';
import {describeWith, type TestServer} from '../../support/servers.js';
import {type TemporaryFolder, temporaryFolder} from '../../support/temp.js';

const canary = 'canary-4711';

describeWith('nats-server')('contexts of natscli', () => {
  let folder: TemporaryFolder;
  let withUser: TestServer;
  let withToken: TestServer;
  beforeAll(async () => {
    folder = await temporaryFolder();
    withUser = await startNats(`authorization { user: "op", password: "${canary}" }`);
    withToken = await startNats(`authorization { token: "${canary}" }`);
    await fs.mkdir(path.join(folder.path, 'nats', 'context'), {recursive: true});
  });
  afterAll(async () => {
    await withUser?.[Symbol.asyncDispose]();
    await withToken?.[Symbol.asyncDispose]();
    await folder?.remove();
  });

  /** With the fields that natscli writes, also where they are empty. */
  const save = (name: string, fields: Readonly<Record<string, unknown>>) =>
    fs.writeFile(
      path.join(folder.path, 'nats', 'context', `${name}.json`),
      JSON.stringify({
        ...{
          description: '',
          url: '',
          socks_proxy: '',
          token: '',
          user: '',
          password: '',
          creds: '',
          nkey: '',
        },
        ...{
          cert: '',
          key: '',
          ca: '',
          nsc: '',
          jetstream_domain: '',
          inbox_prefix: '',
          user_jwt: '',
          color_scheme: '',
        },
        ...fields,
      }),
    );
  const run = (argv: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    spawnGatectl(argv, {env: {XDG_CONFIG_HOME: folder.path, ...env}});
  /** What comes when NATS has let us in, and nobody is there. */
  const nobody = {code: 8, err: expect.stringContaining('no gate of type "Gate"')};

  test('C03: uses user and password, token, and references to the environment and files', async () => {
    const [url, tokenUrl] = [withUser.url, withToken.url];
    const secret = path.join(folder.path, 'secret');
    await fs.writeFile(secret, `${canary}\n`);
    await save('user', {url, user: 'op', password: canary});
    await save('token', {url: tokenUrl, token: canary});
    await save('env', {url, user: 'op', password: 'env://SOME_SECRET'});
    await save('file', {url: tokenUrl, token: `file://${secret}`});
    await save('data', {url: tokenUrl, token: `data:;base64,${Buffer.from(canary).toString('base64')}`});
    await save('wrong', {url, user: 'op', password: `${canary}x`});
    for (const name of ['user', 'token', 'env', 'file', 'data']) {
      const {code, err} = await run(['gates', 'list', '--nats-context', name], {SOME_SECRET: canary});
      expect({name, code, err}).toEqual({name, ...nobody});
    }
    const {code, err} = await run(['gates', 'list', '--nats-context', 'wrong']);
    expect({code, err}).toEqual({
      code: 4,
      err: expect.stringContaining('refused the user "op" and the password'),
    });
  });

  test('extends a natscli context, with other credentials taking precedence', async () => {
    await save('op', {url: withUser.url, user: 'op', password: canary});
    const added = await run(['context', 'add', 'prod', '--nats-context', 'op', '--timeout', '20s']);
    expect(added.code).toBe(0);
    const {code, err} = await run(['gates', 'list', '--context', 'prod']);
    expect({code, err}).toEqual(nobody);
    const shown = await run(['context', 'show', 'prod', '-o', 'json']);
    expect(JSON.parse(shown.out).items).toEqual(
      expect.arrayContaining([
        {name: 'server', value: withUser.url, origin: 'natscli context "op"'},
        {name: 'user', value: 'op', origin: 'natscli context "op"'},
        {name: 'password', value: 'set', origin: 'natscli context "op"'},
        {name: 'timeoutMs', value: '20000', origin: 'context "prod"'},
      ]),
    );
    expect((await run(['gates', 'list', '--context', 'prod', '--user', 'other'])).code).toBe(4);
  });

  test('C03: imports all or named contexts, and keeps existing ones', async () => {
    await save('taken', {url: withUser.url, user: 'op', password: canary});
    await save('bad', {url: withUser.url, user: 'op', password: canary, creds: '/a.creds'});
    const some = await run([
      'context',
      'import-nats',
      'taken',
      '--timeout',
      '20s',
      '--read-only',
      '-o',
      'json',
    ]);
    expect(some.code).toBe(0);
    expect(JSON.parse(some.out).items).toMatchObject([{name: 'taken', state: 'imported'}]);
    const {code, err} = await run(['gates', 'list', '--context', 'taken']);
    expect({code, err}).toEqual(nobody);
    const file = await fs.readFile(path.join(folder.path, 'gatectl', 'contexts', 'taken.json'), 'utf8');
    expect(JSON.parse(file)).toEqual({version: 1, natsContext: 'taken', timeout: '20s', readOnly: true});
    const all = await run(['context', 'import-nats', '-o', 'tsv']);
    expect(all.code).toBe(2);
    expect(all.out).toMatch(/^taken\tkept\t/m);
    expect(all.out).toMatch(/^bad\tfailed\t.*more than one kind of credentials/m);
    expect(all.out + all.err).not.toContain(canary);
  });

  test('C04: explains unusable contexts without showing secrets', async () => {
    await save('two', {url: withUser.url, user: 'op', password: canary, creds: '/a.creds'});
    await save('op-ref', {token: `op://vault/${canary}`});
    await save('nsc', {nsc: 'nsc://operator/account/user'});
    await fs.writeFile(path.join(folder.path, 'nats', 'context', 'empty.json'), '');
    for (const [name, fault] of [
      ['two', 'more than one kind of credentials'],
      ['op-ref', 'is a "op:" reference, which gatectl does not support'],
      ['nsc', 'has "nsc", which gatectl does not support'],
      ['empty', 'cannot read the natscli context file'],
      ['none', 'natscli has no context "none"'],
      ['../../etc/passwd', 'invalid natscli context name'],
      ['.hidden', 'invalid natscli context name'],
    ] as const) {
      const {code, err, out} = await run(['gates', 'list', '--nats-context', name, '--verbose']);
      expect({name, code, err, out}).toEqual({name, code: 2, err: expect.stringContaining(fault), out: ''});
      expect(err).not.toContain(canary);
    }
  });

  test("C05: connects with natscli's variables, including password and token", async () => {
    const {NATS_CONTEXT: _, ...env} = process.env;
    for (const variables of [
      {NATS_URL: withUser.url, NATS_USER: 'op', NATS_PASSWORD: canary},
      {NATS_URL: withToken.url, NATS_TOKEN: canary},
    ]) {
      const {code, err} = await spawnGatectl(['gates', 'list'], {
        env: {...(env as Record<string, string>), ...variables},
      });
      expect({code, err}).toEqual({code: 8, err: expect.stringContaining('no gate')});
    }
  });

  test('C04: warns about a secret file that others can read, and uses it', async () => {
    const file = path.join(folder.path, 'password');
    await fs.writeFile(file, canary, {mode: 0o644});
    const connected = ['gates', 'list', '--server', withUser.url, '--user', 'op', '--password-file', file];
    const loose = await run(connected);
    expect(loose.err).toContain(`warning: "${file}" is readable by other users (--password-file, mode 0644)`);
    expect(loose.err).toContain('chmod 600');
    await fs.chmod(file, 0o600);
    expect((await run(connected)).err).not.toContain('warning');
  });
});
