import {UsageError} from '../../base/errors.js';
import {readBoundedFileSync} from '../../base/files/bounded-file.js';
import {defaultGateType, parseGateTypes} from '../../cluster/gates/gate-types.js';
import type {Secret} from '../../cluster/gates/open-cluster.js';
import {parseApiPrefix, parseDurationMs, parseNotEmpty, parseSubjectToken} from '../line/parsers.js';
import type {ContextStore} from './context-store.js';
import type {FlagValues, SwitchName, TextName} from './global-flags.js';
import {orderedLayers} from './layer-order.js';
import {
  type Environment,
  firstSwitchedOn,
  type Layer,
  type SecretName,
  type Setting,
  secretSetting,
  switchSetting,
  textSetting,
} from './layers.js';
import {withOneRegistrySignIn, withOneSignIn} from './sign-in-precedence.js';

/** Settings for connecting to a cluster, each with its source. */
export interface ConnectionSettings {
  readonly server: Setting<string>;
  readonly registry: Setting<string>;
  readonly gateType: Setting<string>;
  /** Other sources of sessions for stock gates: a store, and how long to tap the bus, in milliseconds. */
  readonly stockStore: Setting<string> | undefined;
  readonly stockTap: Setting<number> | undefined;
  readonly timeoutMs: Setting<number>;
  readonly giveUpAfterMs: Setting<number> | undefined;
  readonly creds: Setting<string> | undefined;
  readonly nkey: Setting<string> | undefined;
  readonly user: Setting<string> | undefined;
  readonly passwordFile: Setting<string> | undefined;
  readonly tokenFile: Setting<string> | undefined;
  readonly inboxPrefix: Setting<string> | undefined;
  readonly jsDomain: Setting<string> | undefined;
  readonly jsApiPrefix: Setting<string> | undefined;
  readonly tlsCa: Setting<string> | undefined;
  readonly tlsCert: Setting<string> | undefined;
  readonly tlsKey: Setting<string> | undefined;
  readonly tlsFirst: Setting<boolean> | undefined;
  readonly registryUser: Setting<string> | undefined;
  readonly registryPasswordFile: Setting<string> | undefined;
  readonly registryTokenFile: Setting<string> | undefined;
  readonly registryCa: Setting<string> | undefined;
  readonly registryCert: Setting<string> | undefined;
  readonly registryKey: Setting<string> | undefined;
  /** Set if any layer turns read-only mode on. A stronger layer can't turn it off. */
  readonly readOnly: Setting<boolean> | undefined;
  /** Set if any layer requires a reason for writes. */
  readonly requireReason: Setting<boolean> | undefined;
  /** Set if any layer protects the cluster: before a write, the cluster's name must be typed. */
  readonly protected: Setting<boolean> | undefined;
  /** The natscli context in use. */
  readonly natsContext: Setting<string> | undefined;
  /** Secrets from the environment or the natscli context. Never shown. */
  readonly secrets: Readonly<Partial<Record<SecretName, Setting<Secret>>>>;
  /** The context in use, with the source that selected it. */
  readonly context: Setting<string> | undefined;
  /** Context that supplies both server and registry; undefined if either comes from another source. */
  readonly contextName: string | undefined;
}

const defaultServer = 'nats://127.0.0.1:4222';

/** Resolves each setting on its own: the strongest layer that has a value wins. Rejects with UsageError. */
export async function resolveConnection(
  flags: FlagValues,
  env: Environment,
  contexts: ContextStore,
): Promise<ConnectionSettings> {
  const {layers: given, context, natsContext} = await orderedLayers(flags, env, contexts);
  const layers = withOneRegistrySignIn(withOneSignIn(given));
  const text = (name: TextName) => textSetting(layers, name, parseNotEmpty);
  return {
    server: text('server') ?? byDefault(defaultServer),
    registry: text('registry') ?? byDefault('nats://'),
    gateType: textSetting(layers, 'gateType', parseGateType) ?? byDefault(defaultGateType),
    stockStore: text('stockStore'),
    stockTap: textSetting(layers, 'stockTap', parseDurationMs),
    timeoutMs: textSetting(layers, 'timeout', parseDurationMs) ?? byDefault(2000),
    giveUpAfterMs: textSetting(layers, 'giveUpAfter', parseDurationMs),
    creds: text('creds'),
    nkey: text('nkey'),
    user: text('user'),
    ...secretFiles(layers),
    inboxPrefix: text('inboxPrefix'),
    jsDomain: textSetting(layers, 'jsDomain', parseSubjectToken),
    jsApiPrefix: textSetting(layers, 'jsApiPrefix', parseApiPrefix),
    tlsCa: text('tlsCa'),
    tlsCert: text('tlsCert'),
    tlsKey: text('tlsKey'),
    tlsFirst: switchIfSet(layers, 'tlsFirst'),
    registryUser: text('registryUser'),
    registryCa: text('registryCa'),
    registryCert: text('registryCert'),
    registryKey: text('registryKey'),
    readOnly: firstSwitchedOn(layers, 'readOnly'),
    requireReason: firstSwitchedOn(layers, 'requireReason'),
    protected: firstSwitchedOn(layers, 'protected'),
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
} as const satisfies Partial<Record<SecretName, TextName>>;

type SecretFile = (typeof filesOf)[keyof typeof filesOf];

/** Resolves the secret files. A file is ignored if a stronger layer holds the secret itself. */
function secretFiles(layers: readonly Layer[]): Readonly<Record<SecretFile, Setting<string> | undefined>> {
  const fileOf = (secret: keyof typeof filesOf): Setting<string> | undefined => {
    const holder = layers.findIndex(({secrets}) => secrets?.[secret]);
    return textSetting(holder < 0 ? layers : layers.slice(0, holder + 1), filesOf[secret], parseNotEmpty);
  };
  return {
    passwordFile: fileOf('password'),
    tokenFile: fileOf('token'),
    registryPasswordFile: fileOf('registryPassword'),
    registryTokenFile: fileOf('registryToken'),
  };
}

/** Resolves the secrets that are not overridden by a file. */
function secretsIn(layers: readonly Layer[]): ConnectionSettings['secrets'] {
  const files = secretFiles(layers);
  const names = ['password', 'token', 'jwt', 'seed', 'registryPassword', 'registryToken'] as const;
  const found = names.flatMap((name) => {
    const isInFile = name !== 'jwt' && name !== 'seed' && files[filesOf[name]] !== undefined;
    const setting = isInFile ? undefined : secretSetting(layers, name);
    return setting === undefined ? [] : [[name, setting] as const];
  });
  return Object.fromEntries(found);
}

function switchIfSet(layers: readonly Layer[], name: SwitchName): Setting<boolean> | undefined {
  const setting = switchSetting(layers, name);
  return setting.origin === 'default' ? undefined : setting;
}

/** Returns a context name such as `prod`, or `natscli:ops` for a natscli context that no gatectl context refers to. */
function contextNameOf(
  layers: readonly Layer[],
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
function sourceLayer(layers: readonly Layer[], name: TextName): Layer | undefined {
  const strongest = layers.find(({values}) => values[name] !== undefined);
  if (strongest?.origin !== 'environment') return strongest;
  const value = strongest.values[name];
  return layers.find(({origin, values}) => origin === 'context' && values[name] === value) ?? strongest;
}

/** Returns the node types in canonical form, such as `SV_Gate,gate`. */
const parseGateType = (text: string): string => parseGateTypes(parseNotEmpty(text)).join(',');

const byDefault = <T>(value: T): Setting<T> => ({value, origin: 'default', source: 'default'});

/**
 * Returns a secret from its file (`-` is stdin), or without a file the one from the environment or context. A file is read now,
 * to report errors early, and again at every sign-in. Rejects with UsageError if the file can't be read.
 */
export async function readSecret(
  file: Setting<string> | undefined,
  held: Setting<Secret> | undefined,
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

function readSecretFile({value, source}: Setting<string>): Uint8Array {
  try {
    return readBoundedFileSync(value);
  } catch (cause) {
    throw new UsageError(`${source}: cannot read "${value}"`, {cause});
  }
}

/** Returns the cluster's display name: its context, or else its server URLs with masked credentials. */
export function clusterName({
  contextName,
  server,
}: Pick<ConnectionSettings, 'contextName' | 'server'>): string {
  return contextName ?? maskUserinfo(server.value);
}

/**
 * Masks credentials in a comma-separated list of URLs: everything before the last `@` of each URL, because a password may contain
 * any unencoded character, and the values of parameters with secret names.
 */
export function maskUserinfo(urls: string): string {
  const isOneStore = /^(?:rediss?\+|mongodb)/i.test(urls); // one URL with several hosts
  return (isOneStore ? [urls] : urls.split(','))
    .map((url) => url.replace(/^([a-z+]+:\/\/)?.*@/is, '$1***@'))
    .map((url) =>
      url.replaceAll(/([?&;#][^=?&;#]*(?:pass|secret|token|credential)[^=?&;#]*=)[^?&;#]*/gi, '$1***'),
    )
    .join(',');
}
