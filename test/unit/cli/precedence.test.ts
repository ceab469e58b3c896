import {describe, expect, test} from 'vitest';
import type {CliDeps} from '../../../src/cli/cli-deps.js';
import {resolveClusterOptions} from '../../../src/cli/settings/cluster-options.js';
import {resolveConnectionSettings} from '../../../src/cli/settings/connection-settings.js';
import type {ContextStore} from '../../../src/cli/settings/context-store.js';
import type {FlagValues} from '../../../src/cli/settings/global-flags.js';
import type {NatsContext} from '../../../src/cli/settings/nats-context.js';

const contexts: Readonly<Record<string, FlagValues>> = {
  selected: {server: 'nats://selected', gateType: 'S', user: 'sam', passwordFile: '/selected.pass'},
  named: {server: 'nats://named'},
  onNats: {natsContext: 'a', gateType: 'N'},
  registryOnly: {registry: 'etcd://e', server: 'nats://r'},
  signedUrl: {server: 'nats://u:p@signed'},
};
const natsContexts: Readonly<Record<string, NatsContext>> = {
  a: {values: {server: 'nats://a', user: 'ann'}, secrets: {password: 'of-ann'}},
  b: {values: {server: 'nats://b', creds: '/b.creds'}, secrets: {}},
  bare: {values: {inboxPrefix: '_B'}, secrets: {}},
  token: {values: {server: 'nats://t'}, secrets: {token: 'of-t'}},
};

const storeWith = (selected: string | undefined): ContextStore =>
  ({
    selected: async () => selected,
    read: async (name: string) => contexts[name],
    natsContext: async (name: string) => natsContexts[name],
  }) as unknown as ContextStore;

interface Case {
  readonly flags?: FlagValues;
  readonly env?: Readonly<Record<string, string>>;
  readonly selected?: string | undefined;
}

const resolved = ({flags = {}, env = {}, selected = 'selected'}: Case) =>
  resolveConnectionSettings(flags, env, storeWith(selected === 'none' ? undefined : selected));

describe('C4: flags override the environment and contexts', () => {
  test.each<[Case, string, string]>([
    [{flags: {natsContext: 'a'}}, 'nats://a', 'natscli context "a"'],
    [{env: {GATECTL_NATS_CONTEXT: 'a'}}, 'nats://a', 'natscli context "a"'],
    [{env: {NATS_CONTEXT: 'a'}}, 'nats://a', 'natscli context "a"'],
    [{flags: {natsContext: 'a'}, env: {GATECTL_SERVER: 'nats://env'}}, 'nats://a', 'natscli context "a"'],
    [{flags: {natsContext: 'a'}, env: {NATS_URL: 'nats://env'}}, 'nats://a', 'natscli context "a"'],
    [{flags: {natsContext: 'a'}, env: {GATECTL_CONTEXT: 'named'}}, 'nats://a', 'natscli context "a"'],
    [{flags: {natsContext: 'a'}, env: {GATECTL_NATS_CONTEXT: 'b'}}, 'nats://a', 'natscli context "a"'],
    [{flags: {natsContext: 'a', server: 'nats://flag'}}, 'nats://flag', '--server'],
    [{flags: {natsContext: 'a', context: 'named'}}, 'nats://a', 'natscli context "a"'],
    [{flags: {natsContext: 'b'}, selected: 'onNats'}, 'nats://b', 'natscli context "b"'],
    [{flags: {natsContext: 'bare'}}, 'nats://selected', 'context "selected"'],
    [{flags: {context: 'named'}, env: {GATECTL_SERVER: 'nats://env'}}, 'nats://named', 'context "named"'],
    [{flags: {context: 'named'}, env: {NATS_URL: 'nats://env'}}, 'nats://named', 'context "named"'],
    [{flags: {context: 'onNats'}, env: {NATS_URL: 'nats://env'}}, 'nats://a', 'natscli context "a"'],
    [{flags: {context: 'named'}, env: {GATECTL_NATS_CONTEXT: 'a'}}, 'nats://named', 'context "named"'],
    [{env: {GATECTL_CONTEXT: 'named', NATS_URL: 'nats://env'}}, 'nats://named', 'context "named"'],
    [{env: {GATECTL_CONTEXT: 'named', NATS_CONTEXT: 'a'}}, 'nats://named', 'context "named"'],
    [{env: {GATECTL_CONTEXT: 'named', GATECTL_SERVER: 'nats://env'}}, 'nats://env', 'GATECTL_SERVER'],
    [{env: {NATS_CONTEXT: 'a', NATS_URL: 'nats://env'}}, 'nats://env', 'NATS_URL'],
    [{selected: 'onNats'}, 'nats://a', 'natscli context "a"'],
    [{selected: 'onNats', env: {GATECTL_SERVER: 'nats://env'}}, 'nats://env', 'GATECTL_SERVER'],
    [{}, 'nats://selected', 'context "selected"'],
    [{selected: 'none'}, 'nats://127.0.0.1:4222', 'default'],
  ])('%j connects to %s', async (given, value, source) => {
    expect((await resolved(given)).server).toMatchObject({value, source});
  });

  test('each field is resolved alone: a field that a natscli context lacks comes from the selected context', async () => {
    const {server, gateType} = await resolved({flags: {natsContext: 'a'}});
    expect([server.value, gateType.value]).toEqual(['nats://a', 'S']);
  });

  test('tlsFirst of the environment overrides that of a context', async () => {
    const store = {...storeWith('x'), read: async () => ({tlsFirst: true})};
    expect((await resolveConnectionSettings({}, {GATECTL_TLS_FIRST: '0'}, store)).tlsFirst?.value).toBe(
      false,
    );
    expect((await resolveConnectionSettings({}, {}, store)).tlsFirst?.value).toBe(true);
  });
});

describe('C4: credentials come from the strongest source', () => {
  const host = {
    io: {in: {readAll: async () => Buffer.from('stdin')}, err: {write: async () => {}}},
  } as unknown as CliDeps;

  async function signIn(given: Case) {
    const settings = {...(await resolved(given)), passwordFile: undefined};
    const {server, user, password, creds, token} = await resolveClusterOptions(settings, host);
    return JSON.parse(JSON.stringify({server, user, password, creds, token}));
  }

  test.each<[Case, object]>([
    [{flags: {natsContext: 'a'}}, {server: 'nats://a', user: 'ann', password: 'of-ann'}],
    [
      {flags: {natsContext: 'a'}, env: {NATS_PASSWORD: 'other', NATS_USER: 'x', NATS_CREDS: '/x'}},
      {server: 'nats://a', user: 'ann', password: 'of-ann'},
    ],
    [
      {flags: {natsContext: 'a'}, env: {GATECTL_PASSWORD: 'other', GATECTL_TOKEN: 't'}},
      {server: 'nats://a', user: 'ann', password: 'of-ann'},
    ],
    [{flags: {natsContext: 'b'}}, {server: 'nats://b', creds: '/b.creds'}],
    [
      {flags: {natsContext: 'b'}, env: {NATS_USER: 'x', NATS_PASSWORD: 'y'}},
      {server: 'nats://b', creds: '/b.creds'},
    ],
    [{flags: {natsContext: 'token'}}, {server: 'nats://t', token: 'of-t'}],
    [{flags: {natsContext: 'a', creds: '/flag.creds'}}, {server: 'nats://a', creds: '/flag.creds'}],
    [{flags: {natsContext: 'a', user: 'bob'}}, {server: 'nats://a', user: 'bob'}],
    [
      {flags: {natsContext: 'a', user: 'bob'}, env: {GATECTL_PASSWORD: 'of-bob'}},
      {server: 'nats://a', user: 'bob', password: 'of-bob'},
    ],
    [{env: {NATS_URL: 'nats://e:pw@env'}}, {server: 'nats://e:pw@env'}],
    [
      {flags: {creds: '/c'}, env: {NATS_URL: 'nats://e:pw@env'}},
      {server: 'nats://env', creds: '/c'},
    ],
    [
      {flags: {user: 'bob'}, env: {GATECTL_PASSWORD: 'of-bob'}, selected: 'signedUrl'},
      {server: 'nats://signed', user: 'bob', password: 'of-bob'},
    ],
    [{env: {GATECTL_PASSWORD: 'p'}}, {server: 'nats://selected', user: 'sam', password: 'p'}],
  ])('%j signs in as %j', async (given, expected) => expect(await signIn(given)).toEqual(expected));

  test('context show names the source of each setting, and shows no secret', async () => {
    const {secrets, user} = await resolved({flags: {natsContext: 'a'}, env: {NATS_PASSWORD: 'x'}});
    expect([user?.source, secrets.password?.source]).toEqual(['natscli context "a"', 'natscli context "a"']);
    const ambient = await resolved({env: {NATS_USER: 'x', NATS_PASSWORD: 'y'}});
    expect(ambient.secrets.password?.source).toBe('NATS_PASSWORD');
  });

  test.each<[Case, object]>([
    [{env: {GATECTL_REGISTRY: 'etcd://u:p@e', GATECTL_REGISTRY_USER: 'x'}}, {registryUser: 'x'}],
    [{env: {GATECTL_REGISTRY: 'etcd://u:p@e'}, selected: 'reg'}, {}],
    [{env: {GATECTL_REGISTRY: 'etcd://u@e'}, selected: 'reg'}, {registryPasswordFile: '/r'}],
    [{env: {GATECTL_REGISTRY: 'consul://t@e'}, selected: 'reg'}, {}],
    [
      {env: {GATECTL_REGISTRY: 'etcd://e'}, selected: 'reg'},
      {registryUser: 'r', registryPasswordFile: '/r'},
    ],
  ])('a registry with %j is asked with %j', async ({env = {}}, expected) => {
    const store = {...storeWith('reg'), read: async () => ({registryUser: 'r', registryPasswordFile: '/r'})};
    const {registryUser, registryPasswordFile} = await resolveConnectionSettings({}, env, store);
    const values = {registryUser: registryUser?.value, registryPasswordFile: registryPasswordFile?.value};
    expect(JSON.parse(JSON.stringify(values))).toMatchObject(expected);
  });
});

describe('C5: a cluster is named after its context only if it comes from there', () => {
  test.each<[Case, string | undefined]>([
    [{}, 'selected'],
    [{selected: 'none'}, undefined],
    [{flags: {server: 'nats://flag'}}, undefined],
    [{env: {GATECTL_SERVER: 'nats://env'}}, undefined],
    [{env: {NATS_URL: 'nats://env'}}, undefined],
    [{flags: {context: 'named'}, env: {NATS_URL: 'nats://env'}}, 'named'],
    [{flags: {registry: 'etcd://e'}}, undefined],
    [{flags: {natsContext: 'a'}, selected: 'none'}, 'natscli:a'],
    [{flags: {natsContext: 'a'}}, 'natscli:a'],
    [{env: {NATS_CONTEXT: 'a'}}, 'natscli:a'],
    [{flags: {natsContext: 'a'}, selected: 'registryOnly'}, undefined],
    [{selected: 'onNats'}, 'onNats'],
    [{flags: {context: 'onNats'}}, 'onNats'],
    [{flags: {timeout: '5s', gateType: 'X', user: 'bob'}}, 'selected'],
  ])('%j is called %s', async (given, name) => {
    expect((await resolved(given)).contextName).toBe(name);
  });
});
