import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {pluginEnvironment} from '../../../../../src/cli/commands/plugin/plugin-environment.js';
import {resolveConnectionSettings} from '../../../../../src/cli/settings/connection-settings.js';
import type {ContextStore} from '../../../../../src/cli/settings/context-store.js';
import type {FlagValues} from '../../../../../src/cli/settings/global-flags.js';
import type {NatsContext} from '../../../../../src/cli/settings/nats-context.js';
import type {Environment} from '../../../../../src/cli/settings/settings-layers.js';

interface World {
  readonly contexts: Readonly<Record<string, FlagValues>>;
  readonly natsContexts: Readonly<Record<string, NatsContext>>;
  readonly selected: string | undefined;
}

const storeOf = ({contexts, natsContexts, selected}: World): ContextStore =>
  ({
    selected: async () => selected,
    read: async (name: string) => contexts[name],
    natsContext: async (name: string) => natsContexts[name],
  }) as unknown as ContextStore;

/** Resolves a line, and the environment of its plugin without any flags. */
async function both(flags: FlagValues, env: Environment, world: World) {
  const contexts = storeOf(world);
  const settings = await resolveConnectionSettings(flags, env, contexts);
  const handed = pluginEnvironment(env, flags, settings);
  return {settings, handed, resolved: await resolveConnectionSettings({}, handed, contexts)};
}

/** What connecting and protecting depend on, without the sources of values. */
function valuesOf({
  natsContext: _,
  contextName: __,
  ...settings
}: Awaited<ReturnType<typeof resolveConnectionSettings>>) {
  const plain = Object.entries({...settings, ...settings.secrets, secrets: undefined});
  return Object.fromEntries(
    plain.flatMap(([name, setting]) =>
      typeof setting === 'object' && 'value' in setting ? [[name, setting.value]] : [],
    ),
  );
}

const prod: World = {
  contexts: {
    prod: {server: 'nats://prod', registry: 'etcd://prod', creds: '/prod.creds', protected: true},
    url: {server: 'nats://u:canary@prod'},
    ops: {natsContext: 'ops'},
  },
  natsContexts: {ops: {values: {server: 'nats://ops', user: 'ann'}, secrets: {password: 'canary'}}},
  selected: 'prod',
};

describe('the environment of a plugin', () => {
  test('has the settings in force, with files in place of secrets', async () => {
    const {handed} = await both({timeout: '3s', quiet: true}, {GATECTL_TOKEN: 'canary', LANG: 'C'}, prod);
    expect(handed).toMatchObject({
      ...{GATECTL_CONTEXT: 'prod', GATECTL_SERVER: 'nats://prod', GATECTL_REGISTRY: 'etcd://prod'},
      ...{GATECTL_TIMEOUT: '3000ms', GATECTL_QUIET: 'true', GATECTL_PROTECTED: 'true', LANG: 'C'},
      GATECTL_TOKEN: 'canary',
    });
  });

  test('drops variables that the line overrides', async () => {
    const env = {GATECTL_SERVER: 'nats://env', GATECTL_TOKEN: 'canary'};
    const {handed} = await both({context: 'prod'}, env, prod);
    expect(handed).toMatchObject({GATECTL_SERVER: 'nats://prod', GATECTL_CREDS: '/prod.creds'});
    expect(handed['GATECTL_TOKEN']).toBeUndefined();
  });

  test.each(['url', 'ops'])(
    'never copies the secret of context %s, which is found by its name',
    async (context) => {
      const {handed, resolved, settings} = await both({context}, {}, prod);
      expect(JSON.stringify(handed)).not.toContain('canary');
      expect(handed['GATECTL_CONTEXT']).toBe(context);
      expect(valuesOf(resolved)).toEqual(valuesOf(settings));
    },
  );

  test.each([{}, {context: 'ops'}])('keeps the name of the cluster with %j', async (flags) => {
    const {resolved, settings} = await both(flags, {}, prod);
    expect(resolved.contextName).toBe(settings.contextName);
  });

  test('resolves to the same settings, whatever the layers contain', async () => {
    await fc.assert(
      fc.asyncProperty(world, values('flag'), environment, async (some, flags, env) => {
        const {settings, resolved} = await both(flags, env, some);
        expect(valuesOf(resolved)).toEqual(valuesOf(settings));
      }),
      {numRuns: 200},
    );
  });
});

const names = fc.constantFrom('a', 'b');

/** Some settings of a layer; text names the layer, so that a value of another layer is seen. */
function values(layer: string): fc.Arbitrary<FlagValues> {
  const text = (name: string) => fc.constant(`${name}-of-${layer}`);
  return fc.record(
    {
      server:
        layer === 'flag' ? text('nats://s') : fc.constantFrom(`nats://s-${layer}`, `nats://u:p@s-${layer}`),
      ...{user: text('user'), creds: text('/creds'), passwordFile: text('/pass'), tokenFile: text('/token')},
      ...{
        tlsCa: text('/ca'),
        gateType: fc.constant(`T${layer.replace(':', '')}`),
        stockTap: fc.constant('20s'),
      },
      ...{registry: fc.constantFrom(`etcd://${layer}`, 'nats://'), registryUser: text('etcd')},
      ...{readOnly: fc.constant(true), tlsFirst: fc.boolean()},
      ...(layer.startsWith('natscli') ? {} : {natsContext: names}),
      ...(layer === 'flag' ? {context: names} : {}),
    },
    {requiredKeys: []},
  );
}

const natsContext: (name: string) => fc.Arbitrary<NatsContext> = (name) =>
  fc.record({
    values: values(`natscli:${name}`),
    secrets: fc.record(
      {password: fc.constant(`p-${name}`), token: fc.constant(`t-${name}`)},
      {requiredKeys: []},
    ),
  });

const world: fc.Arbitrary<World> = fc.record({
  contexts: fc.record({a: values('context:a'), b: values('context:b')}),
  natsContexts: fc.record({a: natsContext('a'), b: natsContext('b')}),
  selected: fc.option(names, {nil: undefined}),
});

const environment: fc.Arbitrary<Readonly<Record<string, string>>> = fc.record(
  {
    GATECTL_SERVER: fc.constantFrom('nats://env', 'nats://u:p@env'),
    ...{GATECTL_CONTEXT: names, GATECTL_NATS_CONTEXT: names, GATECTL_USER: fc.constant('env')},
    ...{
      GATECTL_PASSWORD: fc.constant('env'),
      GATECTL_TOKEN: fc.constant('env'),
      GATECTL_CREDS: fc.constant('/env'),
    },
    ...{NATS_URL: fc.constant('nats://n'), NATS_CONTEXT: names, NATS_USER: fc.constant('n')},
    ...{NATS_PASSWORD: fc.constant('n'), NATS_TOKEN: fc.constant('n'), NATS_CREDS: fc.constant('/n')},
  },
  {requiredKeys: []},
);
