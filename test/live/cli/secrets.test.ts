import {execFile} from 'node:child_process';
import {promises as fs} from 'node:fs';
import path from 'node:path';
import {promisify} from 'node:util';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {catalogue} from '../../../src/cli/catalogue.js';
import {startNats} from '../../support/nats.js';
import {JwtOperator} from '../../support/nats-jwt.js';
import {cleanEnvironment, spawnGatectl} from '../../support/run-cli.js';
import {describeWith, freePort, type TestServer} from '../../support/servers.js';
import {type TemporaryFolder, temporaryFolder} from '../../support/temp.js';

const canary = (what: string): string => `canary${what}4711`;

/** Commands that stay up, or take the terminal. */
const stayUp = ['dev', 'demo', 'gate run', 'dashboard'];

const argumentsOf: Readonly<Record<string, readonly string[]>> = {
  'sessions get': ['f00d'],
  'sessions find': ['u1'],
  'sessions kick': ['f00d'],
  send: ['f00d', '/t', 'x'],
  broadcast: ['/t', 'x', '--yes'],
  bind: ['f00d', 'u1'],
  unbind: ['f00d'],
  'settings list': ['f00d'],
  'settings get': ['f00d', 'k'],
  'settings set': ['f00d', 'k=v'],
  'settings unset': ['f00d', 'k'],
  'settings undo': ['f00d'],
  'settings edit': ['f00d'],
  'sessions watch': ['--for', '300ms'],
  trace: ['--for', '300ms'],
  'records get': ['u1'],
  'records delete': ['u1'],
  'records set': ['u1', 'k=v'],
  'records diff': ['u1'],
  'records expire': ['u1', '10m'],
  'records import': ['-'],
  decode: ['0801'],
  encode: ['{}'],
  'snapshot diff': ['nothing'],
  apply: ['nothing'],
  'context add': ['added'],
  'context edit': ['added'],
  'context use': ['added'],
  'context remove': ['nobody'],
  'addon install': ['/nonexistent'],
  'gates drain': ['Gate@a', '--yes'],
  'gates resume': ['Gate@a'],
  completion: ['bash'],
};

/** Arguments that let a command come as far as the bus. */
const lines = catalogue
  .map(({path: name}) => name)
  .filter((name) => !stayUp.includes(name))
  .map((name) => [...name.split(' '), ...(argumentsOf[name] ?? [])]);

describeWith('nats-server')('C06: secrets are never shown', () => {
  let folder: TemporaryFolder;
  let nats: TestServer;
  let closed: number;
  const user = new JwtOperator().user();
  const inFolder = (name: string): string => path.join(folder.path, name);

  beforeAll(async () => {
    folder = await temporaryFolder();
    nats = await startNats('authorization { user: op, password: right }');
    closed = await freePort();
    await fs.mkdir(inFolder('nats/context'), {recursive: true});
    const secret = (name: string, text: string) => fs.writeFile(inFolder(name), text, {mode: 0o600});
    await secret('password', `${canary('PasswordFile')}\n`);
    await secret('token', `${canary('TokenFile')}\n`);
    await secret('user.creds', user.creds);
    await secret('user.nk', user.seed);
    await secret('tls.key', `-----BEGIN PRIVATE KEY-----\n${canary('TlsKey')}\n-----END PRIVATE KEY-----\n`);
    const url = `nats://op:${canary('ContextUrl')}@127.0.0.1:${nats.port}`;
    await secret('nats/context/url.json', JSON.stringify({url}));
    await secret(
      'nats/context/password.json',
      JSON.stringify({url: nats.url, user: 'op', password: canary('ContextPassword')}),
    );
    await secret('nats/context/token.json', JSON.stringify({url: nats.url, token: canary('ContextToken')}));
    await secret(
      'nats/context/jwt.json',
      JSON.stringify({url: nats.url, user_jwt: user.jwt, user_seed: user.seed}),
    );
  });
  afterAll(async () => {
    await nats?.[Symbol.asyncDispose]();
    await folder?.remove();
  });

  const secrets = (): readonly string[] => [
    ...[
      'PasswordFile',
      'TokenFile',
      'TlsKey',
      'ContextUrl',
      'ContextPassword',
      'ContextToken',
      'Url',
      'Redis',
      'Etcd',
      'EnvPassword',
      'EnvToken',
    ].map(canary),
    user.jwt,
    user.seed,
  ];

  /** Ways to connect, each with secrets of its own; none of them is let in. */
  const ways = (): readonly {
    readonly flags: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
  }[] => [
    {flags: ['--server', nats.url, '--user', 'op', '--password-file', inFolder('password')]},
    {flags: ['--server', nats.url, '--token-file', inFolder('token')]},
    {flags: ['--server', nats.url, '--creds', inFolder('user.creds')]},
    {flags: ['--server', nats.url, '--nkey', inFolder('user.nk')]},
    {flags: ['--server', nats.url, '--tls-key', inFolder('tls.key'), '--tls-cert', inFolder('tls.key')]},
    {flags: ['--nats-context', 'url']},
    {flags: ['--nats-context', 'password']},
    {flags: ['--nats-context', 'token']},
    {flags: ['--nats-context', 'jwt']},
    {flags: [], env: {GATECTL_SERVER: `nats://op:${canary('Url')}@127.0.0.1:${nats.port}`}},
    {
      flags: [],
      env: {GATECTL_SERVER: `nats://127.0.0.1:${closed},nats://${canary('Url')}@127.0.0.1:${closed}`},
    },
    {flags: ['--server', nats.url, '--user', 'op'], env: {GATECTL_PASSWORD: canary('EnvPassword')}},
    {flags: ['--server', nats.url], env: {GATECTL_TOKEN: canary('EnvToken')}},
    {
      flags: ['--server', nats.url],
      env: {
        GATECTL_REGISTRY: `etcd://root:${canary('Etcd')}@127.0.0.1:${closed}`,
        GATECTL_USER: 'op',
        GATECTL_PASSWORD: 'right',
      },
    },
  ];

  const environment = (env: Readonly<Record<string, string>> = {}) => ({
    XDG_CONFIG_HOME: folder.path,
    XDG_STATE_HOME: inFolder('state'),
    GATECTL_DEBUG: '1',
    GATECTL_TIMEOUT: '500ms',
    ...env,
  });

  const expectClean = (what: string, text: string): void => {
    for (const secret of secrets())
      expect(text.includes(secret), `${secret.slice(0, 24)} in ${what}:\n${text}`).toBe(false);
  };

  async function leaksOf(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> {
    const {out, err, code} = await spawnGatectl(argv, {env: environment(env), input: '\n'});
    expect(code, err).not.toBe(-1);
    expectClean(argv.join(' '), out + err);
  }

  test.each(lines.map((line) => [line.join(' '), line] as const))('%s', async (_, line) => {
    const [first, second] = [ways()[5], ways()[11]];
    for (const {flags, env} of [first, second].flatMap((way) => (way === undefined ? [] : [way]))) {
      await leaksOf([...line, ...flags, '--verbose', '--yes'], env);
    }
  });

  test('with every connection method, for people and for programs', async () => {
    for (const {flags, env} of ways()) {
      await leaksOf(['sessions', 'list', '--verbose', ...flags], env);
      await leaksOf(['context', 'show', '-o', 'json', '--verbose', ...flags], env);
      await leaksOf(['doctor', '-o', 'json', ...flags], env);
    }
    await leaksOf([
      'records',
      'list',
      '--verbose',
      '--store',
      `redis://:${canary('Redis')}@127.0.0.1:${closed}/0`,
    ]);
  }, 180_000);

  test('the search finds a planted secret', () => {
    expect(() => expectClean('itself', `x${user.seed}y`)).toThrow();
  });

  test('in a crash with its stack', async () => {
    const bomb = inFolder('bomb.mjs');
    // once the program has begun, however long that takes
    const begun = "process.listenerCount('uncaughtException') > 0";
    await fs.writeFile(bomb, `setInterval(() => { if (${begun}) throw new Error('a bug'); }, 30);\n`);
    const {code, err, out} = await spawnGatectl(
      [
        'sessions',
        'list',
        '--nats-context',
        'password',
        '--server',
        `nats://127.0.0.1:${await silentPort()}`,
      ],
      {
        env: environment({
          NODE_OPTIONS: `--import ${bomb}`,
          GATECTL_TIMEOUT: '30s',
          GATECTL_PASSWORD: canary('EnvPassword'),
        }),
      },
    );
    expect({code, err}).toEqual({code: 70, err: expect.stringContaining('a bug')});
    expectClean('a crash', out + err);
  });

  test('in the journal or other saved files', async () => {
    await spawnGatectl(['settings', 'set', 'f00d', 'a=b', ...(ways()[5]?.flags ?? [])], {env: environment()});
    const kept = await fs.readdir(inFolder('state'), {recursive: true, withFileTypes: true});
    const files = kept
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name));
    expect(files.map((name) => path.basename(name))).toContain('journal.jsonl');
    for (const name of files) expectClean(name, await fs.readFile(name, 'utf8'));
  });
});

/** A port where somebody listens and never speaks. */
async function silentPort(): Promise<number> {
  const {createServer} = await import('node:net');
  const server = createServer(() => {}).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  server.unref();
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('C07: no flag takes a secret', () => {
  test.each(['--password', '--token', '--seed', '--jwt'])('%s does not exist', async (flag) => {
    const {code, err} = await spawnGatectl(['sessions', 'list', flag, canary('Flag')]);
    expect(code).toBe(2);
    expect(err).toContain(`unknown option "${flag}"`);
    expect(err).not.toContain(canary('Flag'));
  });

  test('passes a password on stdin outside the process arguments', async () => {
    let args = Promise.resolve({stdout: ''});
    await spawnGatectl(
      [
        'sessions',
        'list',
        '--server',
        `nats://127.0.0.1:${await silentPort()}`,
        '--user',
        'op',
        '--password-file',
        '-',
        '--timeout',
        '60s',
      ],
      {
        input: canary('Stdin'),
        onStart: (child) => {
          const ps = ['-o', 'args=', '-p', String(child.pid)];
          args = promisify(execFile)('ps', ps, {env: cleanEnvironment()});
          const end = () => void child.kill('SIGKILL');
          args.then(end, end);
        },
      },
    );
    const {stdout: argv} = await args;
    expect(argv).toContain('--password-file -');
    expect(argv).not.toContain(canary('Stdin'));
  });
});
