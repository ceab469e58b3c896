import {closestMatch} from '../../base/closest-match.js';
import {UsageError} from '../../base/errors.js';
import type {Secret} from '../../cluster/gates/open-cluster.js';
import {parseBoolean} from '../line/parsers.js';
import {
  type BooleanFlagName,
  type FlagName,
  type FlagValues,
  globalFlags,
  type TextFlagName,
} from './global-flags.js';

export type SettingOrigin = 'flag' | 'environment' | 'context' | 'default';

/** A value and its source as shown in messages: `--server`, `GATECTL_SERVER`, `context "prod"`. */
export interface SourcedValue<T> {
  readonly value: T;
  readonly origin: SettingOrigin;
  readonly source: string;
}

/** Secrets that a layer contains directly rather than in a file. Used for connecting, never shown. */
export type SecretName = 'password' | 'token' | 'jwt' | 'seed' | 'registryPassword' | 'registryToken';

/** One source of settings. Layers are ordered; the first one with a value wins. */
export interface SettingsLayer {
  readonly origin: SettingOrigin;
  readonly sourceOf: (name: FlagName | SecretName) => string;
  readonly values: FlagValues;
  readonly secrets?: Readonly<Partial<Record<SecretName, Secret | undefined>>> | undefined;
  readonly isFromNatscli?: boolean | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const longFlags = new Map<string, string>(globalFlags.map(({name, long}) => [name, long]));

export function flagLayer(values: FlagValues): SettingsLayer {
  return {origin: 'flag', sourceOf: (name) => longFlags.get(name) ?? name, values};
}

/** Environment variables for secrets. */
export const secretEnvironmentVariables: Readonly<Partial<Record<FlagName | SecretName, string>>> = {
  password: 'GATECTL_PASSWORD',
  token: 'GATECTL_TOKEN',
  registryPassword: 'GATECTL_REGISTRY_PASSWORD',
  registryToken: 'GATECTL_REGISTRY_TOKEN',
};

/** Variables that set neither a global flag nor a secret. */
const otherVariables = ['JOURNAL', 'DEBUG', 'THEME', 'MOUSE', 'CLIPBOARD', 'COMPLETION_TIMEOUT'];

const prefix = 'GATECTL_';

/**
 * Throws UsageError for a variable that is close to one of gatectl's: a misspelled `GATECTL_READ_ONLY` would allow writes, and a
 * misspelled `GATECTL_SERVER` lead to another cluster. Ignores others, which plugins may use.
 */
function refuseMisspelledVariables(env: Environment, variables: readonly string[]): void {
  const known = [...otherVariables, ...variables.map((variable) => variable.slice(prefix.length))];
  for (const variable of Object.keys(env)) {
    if (!variable.startsWith(prefix)) continue;
    const name = variable.slice(prefix.length);
    const near = known.includes(name) ? undefined : closestMatch(name, known);
    if (near !== undefined)
      throw new UsageError(`unknown environment variable "${variable}"`, {
        hint: `did you mean ${prefix}${near}?`,
      });
  }
}

/** Returns the settings in the environment. Throws UsageError for a misspelled variable. */
export function environmentLayer(env: Environment): SettingsLayer {
  refuseMisspelledVariables(env, [
    ...globalFlags.map(({env: variable}) => variable),
    ...Object.values(secretEnvironmentVariables),
  ]);
  const variables = Object.fromEntries(globalFlags.map(({name, env: variable}) => [name, variable]));
  return {
    origin: 'environment',
    sourceOf: (name) => variables[name] ?? secretEnvironmentVariables[name] ?? name,
    values: setIn(env, variables),
    secrets: setIn(env, secretEnvironmentVariables),
  };
}

/**
 * Returns the variables that are set. Empty variables count as unset, except the gate type: like `--gate` it selects gates,
 * and an empty selection is an error.
 */
const setIn = (
  env: Environment,
  variables: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(variables).flatMap(([name, variable = '']) => {
      const value = env[variable];
      return value !== undefined && (value !== '' || name === 'gateType') ? [[name, value]] : [];
    }),
  );

/** Environment variables of natscli, keyed by the equivalent gatectl flag. */
const natsVariables: Readonly<Partial<Record<FlagName | SecretName, string>>> = {
  server: 'NATS_URL',
  natsContext: 'NATS_CONTEXT',
  user: 'NATS_USER',
  creds: 'NATS_CREDS',
  nkey: 'NATS_NKEY',
  tlsCert: 'NATS_CERT',
  tlsKey: 'NATS_KEY',
  tlsCa: 'NATS_CA',
};

const natsSecretVariables: typeof natsVariables = {password: 'NATS_PASSWORD', token: 'NATS_TOKEN'};

export function natsEnvironmentLayer(env: Environment): SettingsLayer {
  return {
    origin: 'environment',
    sourceOf: (name) => natsVariables[name] ?? natsSecretVariables[name] ?? name,
    values: setIn(env, natsVariables),
    secrets: setIn(env, natsSecretVariables),
  };
}

export function contextLayer(name: string, values: FlagValues): SettingsLayer {
  return {origin: 'context', sourceOf: () => `context "${name}"`, values};
}

/** Parses the value in the strongest layer that has one. A UsageError names the source of the value. */
export function resolveTextFlag<T>(
  layers: readonly SettingsLayer[],
  name: TextFlagName,
  parse: (text: string) => T,
): SourcedValue<T> | undefined {
  const layer = layers.find(({values}) => values[name] !== undefined);
  if (layer === undefined) return undefined;
  const {origin} = layer;
  const source = layer.sourceOf(name);
  return {value: withSource(source, () => parse(String(layer.values[name]))), origin, source};
}

/** Returns the secret from the strongest layer that has it. */
export function resolveSecret(
  layers: readonly SettingsLayer[],
  name: SecretName,
): SourcedValue<Secret> | undefined {
  for (const {secrets, origin, sourceOf} of layers) {
    const value = secrets?.[name];
    if (value) return {value, origin, source: sourceOf(name)};
  }
  return undefined;
}

/** Returns a switch from the strongest layer that sets it; false by default. */
export function resolveBooleanFlag(
  layers: readonly SettingsLayer[],
  name: BooleanFlagName,
): SourcedValue<boolean> {
  for (const {values, origin, sourceOf} of layers) {
    const value = values[name];
    if (value === undefined) continue;
    const at = sourceOf(name);
    return {
      value: typeof value === 'boolean' ? value : withSource(at, () => parseBoolean(value)),
      origin,
      source: at,
    };
  }
  return {value: false, origin: 'default', source: 'default'};
}

/** Returns the strongest setting that turns a switch on; undefined if none does. No layer can turn it off again. */
export function findSwitchedOn(
  layers: readonly SettingsLayer[],
  name: BooleanFlagName,
): SourcedValue<boolean> | undefined {
  return layers.map((layer) => resolveBooleanFlag([layer], name)).find(({value}) => value);
}

export function natsContextLayer(
  name: string,
  values: FlagValues,
  secrets: NonNullable<SettingsLayer['secrets']>,
): SettingsLayer {
  return {
    origin: 'context',
    sourceOf: () => `natscli context "${name}"`,
    values,
    secrets,
    isFromNatscli: true,
  };
}

/** Runs `read`. Prefixes the message of a UsageError with the source of the value. */
function withSource<T>(source: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${source}: ${error.message}`, {cause: error});
  }
}
