import {readBoundedFileSync} from '../../base/bounded-file.js';
import {UsageError} from '../../base/errors.js';
import type {Secret} from '../../cluster/open-cluster.js';
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

/** How to reach a cluster, each value with who said it. */
export interface ConnectionSettings {
  readonly server: Setting<string>;
  readonly registry: Setting<string>;
  readonly gateType: Setting<string>;
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
  /** Set when anything said read-only: no layer can lift what another has laid on. */
  readonly readOnly: Setting<boolean> | undefined;
  /** Set when anything asks for a reason with every write. */
  readonly requireReason: Setting<boolean> | undefined;
  /** The natscli context in use. */
  readonly natsContext: Setting<string> | undefined;
  /** Secrets that stand in the environment or in the natscli context; never shown. */
  readonly secrets: Readonly<Partial<Record<SecretName, Setting<Secret>>>>;
  /** The context in use, and who chose it. */
  readonly context: Setting<string> | undefined;
  /** The context that both the server and the registry come from; undefined when something else names one of them. */
  readonly contextName: string | undefined;
}

const defaultServer = 'nats://127.0.0.1:4222';

/** Settles each setting by itself: the strongest source that has a value wins. */
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
    gateType: text('gateType') ?? byDefault('Gate'),
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
    tlsFirst: switchIfSaid(layers, 'tlsFirst'),
    registryUser: text('registryUser'),
    registryCa: text('registryCa'),
    registryCert: text('registryCert'),
    registryKey: text('registryKey'),
    readOnly: firstSwitchedOn(layers, 'readOnly'),
    requireReason: firstSwitchedOn(layers, 'requireReason'),
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

/** A secret's file counts unless a stronger layer holds the secret itself. */
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

/** The secrets that no file replaces. */
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

function switchIfSaid(layers: readonly Layer[], name: SwitchName): Setting<boolean> | undefined {
  const setting = switchSetting(layers, name);
  return setting.origin === 'default' ? undefined : setting;
}

/** `prod`, or `natscli:ops` for a natscli context that no context of ours stands on. */
function contextNameOf(
  layers: readonly Layer[],
  {context, natsContext}: Pick<ConnectionSettings, 'context' | 'natsContext'>,
): string | undefined {
  const sources = (['server', 'registry'] as const).map((name) => {
    const {origin, isFromNatscli} = layers.find(({values}) => values[name] !== undefined) ?? {};
    if (origin === 'flag' || origin === 'environment') return undefined;
    const isNatscli = isFromNatscli ?? (origin === undefined && natsContext !== undefined);
    if (!isNatscli || natsContext?.origin === 'context') return context?.value;
    return `natscli:${natsContext?.value}`;
  });
  return sources.every((source) => source === sources[0]) ? sources[0] : undefined;
}

const byDefault = <T>(value: T): Setting<T> => ({value, origin: 'default', source: 'default'});

/**
 * A secret: from its file (`-` is stdin) when there is one. The file is checked now and read again whenever somebody signs
 * in. Rejects with UsageError for a file that can't be read.
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

/** Names the cluster for people: the context it comes from, else the server's URLs. */
export function clusterName({contextName, server}: ConnectionSettings): string {
  return contextName ?? maskUserinfo(server.value);
}

/**
 * A URL list as it may be shown: all before the last `@` of each URL is masked, because a password that is not
 * percent-encoded may hold anything, and so are parameters that are named like secrets.
 */
export function maskUserinfo(urls: string): string {
  return urls
    .split(',')
    .map((url) => url.replace(/^([a-z]+:\/\/)?.*@/is, '$1***@'))
    .map((url) =>
      url.replaceAll(/([?&;#][^=?&;#]*(?:pass|secret|token|credential)[^=?&;#]*=)[^?&;#]*/gi, '$1***'),
    )
    .join(',');
}
