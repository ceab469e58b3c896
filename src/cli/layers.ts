import {UsageError} from '../errors.js';
import {type FlagName, globalFlags, type SwitchName, type TextName} from './global-flags.js';
import {parseSwitch} from './parsers.js';

export type Origin = 'flag' | 'environment' | 'context' | 'default';

/** A value and who said it. `where` is for people: `--server`, `GATECTL_SERVER`, `context "prod"`. */
export interface Setting<T> {
  readonly value: T;
  readonly origin: Origin;
  readonly where: string;
}

/** What one source says. Layers are asked in order, and the first that has a value wins. */
export interface Layer {
  readonly origin: Origin;
  readonly where: (name: FlagName) => string;
  readonly values: Readonly<Partial<Record<FlagName, string | boolean>>>;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const flagOf = new Map(globalFlags.map((flag) => [flag.name, flag]));

const longName = (name: FlagName): string => /--[a-z-]+/.exec(flagOf.get(name)?.flags ?? '')?.[0] ?? name;

export function flagLayer(values: Layer['values']): Layer {
  return {origin: 'flag', where: longName, values};
}

/**
 * An empty variable counts as one that is not set, except the type of the gates: it selects, as `--gate` does, and an
 * empty selection is refused.
 */
export function environmentLayer(env: Environment): Layer {
  const set = globalFlags.flatMap(({name, env: variable}) => {
    const value = env[variable];
    return value !== undefined && (value !== '' || name === 'gateType') ? [[name, value] as const] : [];
  });
  return {
    origin: 'environment',
    where: (name) => flagOf.get(name)?.env ?? name,
    values: Object.fromEntries(set),
  };
}

/** Variables that natscli reads, and which of our flags they are. Ours are asked first. */
const natsVariables: Readonly<Partial<Record<FlagName, string>>> = {
  server: 'NATS_URL',
  natsContext: 'NATS_CONTEXT',
  user: 'NATS_USER',
  creds: 'NATS_CREDS',
  nkey: 'NATS_NKEY',
  tlsCert: 'NATS_CERT',
  tlsKey: 'NATS_KEY',
  tlsCa: 'NATS_CA',
};

export function natsEnvironmentLayer(env: Environment): Layer {
  const set = Object.entries(natsVariables).flatMap(([name, variable]) =>
    env[variable] ? [[name, env[variable]] as const] : [],
  );
  return {
    origin: 'environment',
    where: (name) => natsVariables[name] ?? name,
    values: Object.fromEntries(set),
  };
}

export function contextLayer(name: string, values: Layer['values']): Layer {
  return {origin: 'context', where: () => `context "${name}"`, values};
}

/** The winning text of a flag, read by `parse`; its error names where the text stood. */
export function textSetting<T>(
  layers: readonly Layer[],
  name: TextName,
  parse: (text: string) => T,
): Setting<T> | undefined {
  const layer = layers.find(({values}) => values[name] !== undefined);
  if (layer === undefined) return undefined;
  const {origin} = layer;
  const where = layer.where(name);
  return {value: naming(where, () => parse(String(layer.values[name]))), origin, where};
}

/** The winning yes or no of a switch. */
export function switchSetting(layers: readonly Layer[], name: SwitchName): Setting<boolean> {
  for (const {values, origin, where} of layers) {
    const value = values[name];
    if (value === undefined) continue;
    const at = where(name);
    return {
      value: typeof value === 'boolean' ? value : naming(at, () => parseSwitch(value)),
      origin,
      where: at,
    };
  }
  return {value: false, origin: 'default', where: 'default'};
}

/** The first layer that forbids; none can allow what another has forbidden. */
export function anySwitchedOn(layers: readonly Layer[], name: SwitchName): Setting<boolean> | undefined {
  return layers.map((layer) => switchSetting([layer], name)).find(({value}) => value);
}

export function natsContextLayer(name: string, values: Layer['values']): Layer {
  return {origin: 'context', where: () => `natscli context "${name}"`, values};
}

function naming<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${where}: ${error.message}`, {hint: error.hint, cause: error});
  }
}
