import type {FlagName} from './global-flags.js';
import type {SecretName, SettingsLayer} from './settings-layers.js';

type Kind = 'user' | 'creds' | 'nkey' | 'jwt' | 'token';

/** Settings that belong to each kind of sign-in. */
const fieldsOf: Readonly<Record<Kind, readonly (FlagName | SecretName)[]>> = {
  user: ['user', 'passwordFile', 'password'],
  creds: ['creds'],
  nkey: ['nkey'],
  jwt: ['jwt', 'seed'],
  token: ['tokenFile', 'token'],
};
const kinds = Object.keys(fieldsOf) as readonly Kind[];

/** Passwords alone do not determine the kind of sign-in, because they name no user. */
const passwords: ReadonlySet<string> = new Set(['passwordFile', 'password']);

/**
 * Keeps only the kinds of sign-in found in the strongest layer that has any. A user name in a weaker layer must not override
 * a credentials file in a stronger one, and the secrets of a natscli context are valid only for its own user. Credentials in
 * the server URL belong to the layer with that URL.
 */
export function keepStrongestCredentials(layers: readonly SettingsLayer[]): readonly SettingsLayer[] {
  const strongest = layers.findIndex((layer) => kindsIn(layer).length > 0);
  const url = layers.findIndex(({values}) => values.server !== undefined);
  const hasUrl = hasUserinfo(layers[url]?.values.server);
  if (hasUrl && (strongest < 0 || url < strongest)) return layers.map((layer) => without(layer, kinds));
  const deciding = layers[strongest];
  if (deciding === undefined) return layers;
  const kept = kindsIn(deciding);
  const others = kinds.filter((kind) => !kept.includes(kind));
  return layers.map((layer, at) => {
    const isForeign = at > strongest && layer.isFromNatscli === true;
    const left = without(layer, isForeign ? kinds : others);
    return hasUrl && at === url && strongest < url ? withoutUrlUser(left) : left;
  });
}

/** Removes registry credentials from layers weaker than the one whose registry URL contains credentials. */
export function keepStrongestRegistryCredentials(layers: readonly SettingsLayer[]): readonly SettingsLayer[] {
  const url = layers.findIndex(({values}) => values.registry !== undefined);
  const registry = String(layers[url]?.values.registry ?? '');
  const [, userinfo] = /^(?:etcd|consul)s?:\/\/(.*)@/is.exec(registry) ?? [];
  if (userinfo === undefined) return layers;
  const secrets = ['registryPasswordFile', 'registryPassword', 'registryTokenFile', 'registryToken'] as const;
  const isWhole = /^consul/i.test(registry) || userinfo.includes(':');
  const weaker = ['registryUser', ...(isWhole ? secrets : [])] as const;
  return layers.map((layer, at) => (at > url ? withoutFields(layer, weaker) : layer));
}

const kindsIn = (layer: SettingsLayer): readonly Kind[] =>
  kinds.filter((kind) => fieldsOf[kind].some((field) => !passwords.has(field) && hasField(layer, field)));

const hasField = ({values, secrets}: SettingsLayer, field: FlagName | SecretName): boolean =>
  ({...values, ...secrets})[field] !== undefined;

const without = (layer: SettingsLayer, dropped: readonly Kind[]): SettingsLayer =>
  withoutFields(
    layer,
    dropped.flatMap((kind) => fieldsOf[kind]),
  );

function withoutFields(layer: SettingsLayer, dropped: readonly (FlagName | SecretName)[]): SettingsLayer {
  const left = <T extends object>(fields: T): T =>
    Object.fromEntries(
      Object.entries(fields).filter(([name]) => !dropped.some((field) => field === name)),
    ) as T;
  return {...layer, values: left(layer.values), secrets: layer.secrets && left(layer.secrets)};
}

const hasUserinfo = (urls: unknown): boolean => typeof urls === 'string' && urls.includes('@');

function withoutUrlUser(layer: SettingsLayer): SettingsLayer {
  const urls = String(layer.values.server)
    .split(',')
    .map((url) => url.replace(/^(\s*[a-z]+:\/\/)?.*@/i, '$1'));
  return {...layer, values: {...layer.values, server: urls.join(',')}};
}
