import {errorCodeOrText} from '../../base/error-details.js';
import {UsageError} from '../../base/errors.js';
import {readBoundedFileSync} from '../../base/files/bounded-file.js';
import {defaultGateType, parseGateTypes} from '../../cluster/gates/gate-types.js';
import type {Secret} from '../../cluster/gates/open-cluster.js';
import {parseDurationMs, parseJetStreamDomain, parseJetStreamPrefix, parseNonEmpty} from '../line/parsers.js';
import type {ContextStore} from './context-store.js';
import {keepStrongestCredentials, keepStrongestRegistryCredentials} from './credentials-precedence.js';
import type {BooleanFlagName, FlagValues, TextFlagName} from './global-flags.js';
import {orderLayers} from './order-layers.js';
import {
  type Environment,
  findSwitchedOn,
  resolveBooleanFlag,
  resolveSecret,
  resolveTextFlag,
  type SecretName,
  type SettingsLayer,
  type SourcedValue,
} from './settings-layers.js';

/** Settings for connecting to a cluster, each with its source. */
export interface ConnectionSettings {
  readonly server: SourcedValue<string>;
  readonly registry: SourcedValue<string>;
  readonly gateType: SourcedValue<string>;
  /** Other sources of sessions for stock gates: a store, and how long to tap the bus, in milliseconds. */
  readonly stockStore: SourcedValue<string> | undefined;
  readonly stockTap: SourcedValue<number> | undefined;
  readonly timeoutMs: SourcedValue<number>;
  readonly giveUpAfterMs: SourcedValue<number> | undefined;
  readonly creds: SourcedValue<string> | undefined;
  readonly nkey: SourcedValue<string> | undefined;
  readonly user: SourcedValue<string> | undefined;
  readonly passwordFile: SourcedValue<string> | undefined;
  readonly tokenFile: SourcedValue<string> | undefined;
  readonly inboxPrefix: SourcedValue<string> | undefined;
  readonly jsDomain: SourcedValue<string> | undefined;
  readonly jsApiPrefix: SourcedValue<string> | undefined;
  readonly tlsCa: SourcedValue<string> | undefined;
  readonly tlsCert: SourcedValue<string> | undefined;
  readonly tlsKey: SourcedValue<string> | undefined;
  readonly tlsFirst: SourcedValue<boolean> | undefined;
  readonly registryUser: SourcedValue<string> | undefined;
  readonly registryPasswordFile: SourcedValue<string> | undefined;
  readonly registryTokenFile: SourcedValue<string> | undefined;
  readonly registryCa: SourcedValue<string> | undefined;
  readonly registryCert: SourcedValue<string> | undefined;
  readonly registryKey: SourcedValue<string> | undefined;
  /** Set if any layer turns read-only mode on. A stronger layer can't turn it off. */
  readonly readOnly: SourcedValue<boolean> | undefined;
  /** Set if any layer requires a reason for writes. */
  readonly requireReason: SourcedValue<boolean> | undefined;
  /** Set if any layer protects the cluster: before a write, the cluster's name must be typed. */
  readonly protected: SourcedValue<boolean> | undefined;
  /** The natscli context in use. */
  readonly natsContext: SourcedValue<string> | undefined;
  /** Secrets from the environment or the natscli context. Never shown. */
  readonly secrets: Readonly<Partial<Record<SecretName, SourcedValue<Secret>>>>;
  /** The context in use, with the source that selected it. */
  readonly context: SourcedValue<string> | undefined;
  /** Context that supplies both server and registry; undefined if either comes from another source. */
  readonly contextName: string | undefined;
}

const defaultServer = 'nats://127.0.0.1:4222';

/** Resolves each setting on its own: the strongest layer that has a value wins. Rejects with UsageError. */
export async function resolveConnectionSettings(
  flags: FlagValues,
  env: Environment,
  contexts: ContextStore,
): Promise<ConnectionSettings> {
  const {layers: given, context, natsContext} = await orderLayers(flags, env, contexts);
  const layers = keepStrongestRegistryCredentials(keepStrongestCredentials(given));
  const text = (name: TextFlagName) => resolveTextFlag(layers, name, parseNonEmpty);
  return {
    server: text('server') ?? byDefault(defaultServer),
    registry: text('registry') ?? byDefault('nats://'),
    gateType: resolveTextFlag(layers, 'gateType', parseGateType) ?? byDefault(defaultGateType),
    stockStore: text('stockStore'),
    stockTap: resolveTextFlag(layers, 'stockTap', parseDurationMs),
    timeoutMs: resolveTextFlag(layers, 'timeout', parseDurationMs) ?? byDefault(2000),
    giveUpAfterMs: resolveTextFlag(layers, 'giveUpAfter', parseDurationMs),
    creds: text('creds'),
    nkey: text('nkey'),
    user: text('user'),
    ...secretFiles(layers),
    inboxPrefix: text('inboxPrefix'),
    jsDomain: resolveTextFlag(layers, 'jsDomain', parseJetStreamDomain),
    jsApiPrefix: resolveTextFlag(layers, 'jsApiPrefix', parseJetStreamPrefix),
    tlsCa: text('tlsCa'),
    tlsCert: text('tlsCert'),
    tlsKey: text('tlsKey'),
    tlsFirst: switchIfSet(layers, 'tlsFirst'),
    registryUser: text('registryUser'),
    registryCa: text('registryCa'),
    registryCert: text('registryCert'),
    registryKey: text('registryKey'),
    readOnly: findSwitchedOn(layers, 'readOnly'),
    requireReason: findSwitchedOn(layers, 'requireReason'),
    protected: findSwitchedOn(layers, 'protected'),
    natsContext,
    secrets: secretsIn(layers),
    context,
    contextName: contextNameOf(layers, {context, natsContext}),
  };
}

const filesOf = {
  password: 'passwordFile',
  token: 'tokenFile',
  registryPassword: 'registryPasswordFile',
  registryToken: 'registryTokenFile',
} as const satisfies Partial<Record<SecretName, TextFlagName>>;

type SecretFile = (typeof filesOf)[keyof typeof filesOf];

/** Resolves the secret files. A file is ignored if a stronger layer holds the secret itself. */
function secretFiles(
  layers: readonly SettingsLayer[],
): Readonly<Record<SecretFile, SourcedValue<string> | undefined>> {
  const fileOf = (secret: keyof typeof filesOf): SourcedValue<string> | undefined => {
    const holder = layers.findIndex(({secrets}) => secrets?.[secret]);
    return resolveTextFlag(holder < 0 ? layers : layers.slice(0, holder + 1), filesOf[secret], parseNonEmpty);
  };
  return {
    passwordFile: fileOf('password'),
    tokenFile: fileOf('token'),
    registryPasswordFile: fileOf('registryPassword'),
    registryTokenFile: fileOf('registryToken'),
  };
}

/** Resolves the secrets that are not overridden by a file. */
function secretsIn(layers: readonly SettingsLayer[]): ConnectionSettings['secrets'] {
  const files = secretFiles(layers);
  const names = ['password', 'token', 'jwt', 'seed', 'registryPassword', 'registryToken'] as const;
  const found = names.flatMap((name) => {
    const isInFile = name !== 'jwt' && name !== 'seed' && files[filesOf[name]] !== undefined;
    const setting = isInFile ? undefined : resolveSecret(layers, name);
    return setting === undefined ? [] : [[name, setting] as const];
  });
  return Object.fromEntries(found);
}

function switchIfSet(
  layers: readonly SettingsLayer[],
  name: BooleanFlagName,
): SourcedValue<boolean> | undefined {
  const setting = resolveBooleanFlag(layers, name);
  return setting.origin === 'default' ? undefined : setting;
}

/** Returns a context name such as `prod`, or `natscli:ops` for a natscli context that no gatectl context refers to. */
function contextNameOf(
  layers: readonly SettingsLayer[],
  {context, natsContext}: Pick<ConnectionSettings, 'context' | 'natsContext'>,
): string | undefined {
  const sources = (['server', 'registry'] as const).map((name) => {
    const {origin, isFromNatscli} = sourceLayer(layers, name) ?? {};
    if (origin === 'flag' || origin === 'environment') return undefined;
    const isNatscli = isFromNatscli ?? (origin === undefined && natsContext !== undefined);
    if (!isNatscli || natsContext?.origin === 'context') return context?.value;
    return `natscli:${natsContext?.value}`;
  });
  return sources.every((source) => source === sources[0]) ? sources[0] : undefined;
}

/** Returns the layer that supplies a setting. A plugin's environment repeats the context's values; the context is their source. */
function sourceLayer(layers: readonly SettingsLayer[], name: TextFlagName): SettingsLayer | undefined {
  const strongest = layers.find(({values}) => values[name] !== undefined);
  if (strongest?.origin !== 'environment') return strongest;
  const value = strongest.values[name];
  return layers.find(({origin, values}) => origin === 'context' && values[name] === value) ?? strongest;
}

/** Returns the node types in canonical form, such as `SV_Gate,gate`. */
const parseGateType = (text: string): string => parseGateTypes(parseNonEmpty(text)).join(',');

const byDefault = <T>(value: T): SourcedValue<T> => ({value, origin: 'default', source: 'default'});

/**
 * Returns a secret from its file (`-` is stdin), or without a file the one from the environment or context. A file is read now,
 * to report errors early, and again at every sign-in. Rejects with UsageError if the file can't be read.
 */
export async function readSecret(
  file: SourcedValue<string> | undefined,
  held: SourcedValue<Secret> | undefined,
  readStdin: () => Promise<Uint8Array>,
): Promise<Secret | undefined> {
  if (file === undefined) return held?.value;
  if (file.value === '-') return withoutNewline(await readStdin());
  const read = (): string => withoutNewline(readSecretFile(file));
  read();
  return read;
}

const withoutNewline = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString('utf8')
    .replace(/\r?\n$/, '');

function readSecretFile({value, source}: SourcedValue<string>): Uint8Array {
  try {
    return readBoundedFileSync(value);
  } catch (cause) {
    throw new UsageError(`${source}: cannot read "${value}": ${errorCodeOrText(cause)}`, {cause});
  }
}

/** Returns the cluster's display name: its context, or else its server URLs with masked credentials. */
export function clusterDisplayName({
  contextName,
  server,
}: Pick<ConnectionSettings, 'contextName' | 'server'>): string {
  return contextName ?? maskUrlCredentials(server.value);
}

/**
 * Masks credentials in a comma-separated list of URLs: everything before the last `@` of each URL, because a password may contain
 * any unencoded character, and the values of parameters with secret names.
 */
export function maskUrlCredentials(urls: string): string {
  const isOneStore = /^(?:rediss?\+|mongodb)/i.test(urls); // one URL with several hosts
  return (isOneStore ? [urls] : urls.split(','))
    .map((url) => url.replace(/^([a-z+]+:\/\/)?.*@/is, '$1***@'))
    .map((url) =>
      url.replaceAll(/([?&;#][^=?&;#]*(?:pass|secret|token|credential)[^=?&;#]*=)[^?&;#]*/gi, '$1***'),
    )
    .join(',');
}
