import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {currentSecret} from '../../../../src/bus/connect/credentials.js';
import {
  maskUrlCredentials,
  readSecret,
  resolveConnectionSettings,
} from '../../../../src/cli/settings/connection-settings.js';
import {type ContextStore, openContextStore} from '../../../../src/cli/settings/context-store.js';
import type {SettingOrigin} from '../../../../src/cli/settings/settings-layers.js';

let folder = '';
let contexts: ContextStore;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gatectl-connection-'));
  contexts = openContextStore(folder);
  await contexts.save('selected', {server: 'nats://selected'});
  await contexts.save('named', {server: 'nats://named', gateType: 'SV_Gate', readOnly: true, timeout: '9s'});
  await contexts.save('wrong', {timeout: 'soon'});
});
afterAll(() => rm(folder, {recursive: true}));

async function serverWith(layers: {flag?: boolean; env?: boolean; named?: boolean; selected?: boolean}) {
  const store = {...contexts, selected: async () => (layers.selected ? 'selected' : undefined)};
  const flags = {...(layers.flag && {server: 'nats://flag'}), ...(layers.named && {context: 'named'})};
  const env = layers.env ? {GATECTL_SERVER: 'nats://env'} : {};
  return (await resolveConnectionSettings(flags, env, store)).server;
}

describe('C05: precedence of a connection setting', () => {
  const cases = [0, 1].flatMap((flag) =>
    [0, 1].flatMap((env) =>
      [0, 1].flatMap((named) => [0, 1].map((selected) => ({flag, env, named, selected}))),
    ),
  );
  test.each(cases)(
    'flag $flag, environment $env, named context $named, selected context $selected',
    async (on) => {
      const order: [boolean, string, SettingOrigin][] = [
        [on.flag === 1, 'nats://flag', 'flag'],
        [on.named === 1, 'nats://named', 'context'],
        [on.env === 1, 'nats://env', 'environment'],
        [on.selected === 1, 'nats://selected', 'context'],
        [true, 'nats://127.0.0.1:4222', 'default'],
      ];
      const [, value, origin] = order.find(([speaks]) => speaks) ?? [];
      const layers = {
        flag: on.flag === 1,
        env: on.env === 1,
        named: on.named === 1,
        selected: on.selected === 1,
      };
      expect(await serverWith(layers)).toMatchObject({value, origin});
    },
  );

  test('each setting is resolved independently', async () => {
    const settings = await resolveConnectionSettings(
      {context: 'named', timeout: '500ms'},
      {GATECTL_INBOX_PREFIX: '_MINE', GATECTL_GATE_TYPE: 'gate'},
      contexts,
    );
    expect(settings.timeoutMs).toEqual({value: 500, origin: 'flag', source: '--timeout'});
    expect(settings.gateType).toEqual({value: 'SV_Gate', origin: 'context', source: 'context "named"'});
    expect(settings.inboxPrefix).toEqual({
      value: '_MINE',
      origin: 'environment',
      source: 'GATECTL_INBOX_PREFIX',
    });
    expect(settings.server).toEqual({value: 'nats://named', origin: 'context', source: 'context "named"'});
    expect(settings.registry).toEqual({value: 'nats://', origin: 'default', source: 'default'});
  });

  test("C05: natscli's variables rank after GATECTL_… and before the selected context", async () => {
    const env = {NATS_URL: 'nats://natscli', NATS_USER: 'op', NATS_CA: '/ca.pem'};
    const selected = {...contexts, selected: async () => 'named'};
    const settings = await resolveConnectionSettings({}, env, selected);
    expect(settings.server).toEqual({value: 'nats://natscli', origin: 'environment', source: 'NATS_URL'});
    expect(settings.user?.value).toBe('op');
    expect(settings.tlsCa?.source).toBe('NATS_CA');
    const ours = await resolveConnectionSettings({}, {...env, GATECTL_SERVER: 'nats://env'}, contexts);
    expect(ours.server).toMatchObject({value: 'nats://env', source: 'GATECTL_SERVER'});
  });

  test('an empty environment variable counts as unset', async () => {
    const settings = await resolveConnectionSettings({}, {GATECTL_SERVER: '', GATECTL_CONTEXT: ''}, contexts);
    expect(settings.server.origin).toBe('default');
  });

  test('an invalid value is refused with its source', async () => {
    await expect(resolveConnectionSettings({}, {GATECTL_TIMEOUT: '5'}, contexts)).rejects.toThrow(
      'GATECTL_TIMEOUT: invalid duration "5"',
    );
    await expect(resolveConnectionSettings({context: 'wrong'}, {}, contexts)).rejects.toThrow(
      'context "wrong": invalid duration "soon"',
    );
    await expect(resolveConnectionSettings({context: '../x'}, {}, contexts)).rejects.toThrow(
      '--context: invalid context name "../x"',
    );
  });
});

describe('read-only', () => {
  test('D12: a misspelled variable is refused, and one of a plugin is not', async () => {
    for (const [variable, meant] of [
      ['GATECTL_READONLY', 'GATECTL_READ_ONLY'],
      ['GATECTL_SEVER', 'GATECTL_SERVER'],
      ['GATECTL_PASWORD', 'GATECTL_PASSWORD'],
      ['GATECTL_JOURNALS', 'GATECTL_JOURNAL'],
    ] as const)
      await expect(resolveConnectionSettings({}, {[variable]: '1'}, contexts)).rejects.toMatchObject({
        message: `unknown environment variable "${variable}"`,
        hint: `did you mean ${meant}?`,
      });
    await resolveConnectionSettings({}, {GATECTL_BILLING_HOST: 'x', GATECTL_DEBUG: '1'}, contexts);
  });

  test.each([
    [{readOnly: true}, {}, '--read-only'],
    [{}, {GATECTL_READ_ONLY: '1'}, 'GATECTL_READ_ONLY'],
    [{context: 'named'}, {}, 'context "named"'],
    [{context: 'named'}, {GATECTL_READ_ONLY: '0'}, 'context "named"'],
  ])('%j with %j is set by %s', async (flags, env, where) => {
    expect((await resolveConnectionSettings(flags, env, contexts)).readOnly?.source).toBe(where);
  });

  test('is off by default', async () => {
    expect(
      (await resolveConnectionSettings({}, {GATECTL_READ_ONLY: 'no'}, contexts)).readOnly,
    ).toBeUndefined();
  });
});

describe('a secret', () => {
  const stdin = async () => Buffer.from('from stdin\n');
  const file = (value: string) => ({value, origin: 'flag', source: '--password-file'}) as const;
  const held = {value: 'from env', origin: 'environment', source: 'GATECTL_PASSWORD'} as const;

  test('comes from its file, without the line end', async () => {
    const name = path.join(folder, 'password');
    await writeFile(name, 's3cret \r\n');
    expect(currentSecret(await readSecret(file(name), held, stdin))).toBe('s3cret ');
  });

  test('B1: is read again for each sign-in', async () => {
    const name = path.join(folder, 'renewed');
    await writeFile(name, 'before');
    const secret = await readSecret(file(name), undefined, stdin);
    await writeFile(name, 'after');
    expect(currentSecret(secret)).toBe('after');
  });

  test('comes from stdin for "-"', async () => {
    expect(await readSecret(file('-'), undefined, stdin)).toBe('from stdin');
    expect(await readSecret(undefined, held, stdin)).toBe('from env');
    expect(await readSecret(undefined, undefined, stdin)).toBeUndefined();
  });

  test('is an error that names flag and file if the file is missing', async () => {
    await expect(readSecret(file('/none'), undefined, stdin)).rejects.toThrow(
      '--password-file: cannot read "/none"',
    );
  });
});

test.each([
  ['nats://u:p@h:4222', 'nats://***@h:4222'],
  ['nats://token@h', 'nats://***@h'],
  ['nats://u:p@ss/w@h,tls://x:y@h2', 'nats://***@h,tls://***@h2'],
  ['u:p@h', '***@h'],
  ['nats://h?password=x&a=b', 'nats://h?password=***&a=b'],
  ['nats://h:4222', 'nats://h:4222'],
])('%s is shown as %s', (url, shown) => expect(maskUrlCredentials(url)).toBe(shown));
