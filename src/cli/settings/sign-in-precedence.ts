import type {FlagName} from './global-flags.js';
import type {Layer, SecretName} from './layers.js';

type Kind = 'user' | 'creds' | 'nkey' | 'jwt' | 'token';

/** Fields of each kind of sign-in. */
const fieldsOf: Readonly<Record<Kind, readonly (FlagName | SecretName)[]>> = {
  user: ['user', 'passwordFile', 'password'],
  creds: ['creds'],
  nkey: ['nkey'],
  jwt: ['jwt', 'seed'],
  token: ['tokenFile', 'token'],
};
const kinds = Object.keys(fieldsOf) as readonly Kind[];

/** A layer with only a password does not choose the kind of sign-in: it names no user. */
const passwords: ReadonlySet<string> = new Set(['passwordFile', 'password']);

/**
 * Removes all kinds of sign-in but that of the strongest layer with any. A user name of a weaker layer must not override a
 * credentials file of a stronger one, and the secrets of a natscli context are valid only for its own user. Credentials in
 * the server URL count as those of the layer with the URL.
 */
export function withOneSignIn(layers: readonly Layer[]): readonly Layer[] {
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

/** Removes registry credentials from layers weaker than the layer whose registry URL contains credentials. */
export function withOneRegistrySignIn(layers: readonly Layer[]): readonly Layer[] {
  const url = layers.findIndex(({values}) => values.registry !== undefined);
  const registry = String(layers[url]?.values.registry ?? '');
  const [, userinfo] = /^(?:etcd|consul)s?:\/\/(.*)@/is.exec(registry) ?? [];
  if (userinfo === undefined) return layers;
  const secrets = ['registryPasswordFile', 'registryPassword', 'registryTokenFile', 'registryToken'] as const;
  const isWhole = /^consul/i.test(registry) || userinfo.includes(':');
  const weaker = ['registryUser', ...(isWhole ? secrets : [])] as const;
  return layers.map((layer, at) => (at > url ? withoutFields(layer, weaker) : layer));
}

const kindsIn = (layer: Layer): readonly Kind[] =>
  kinds.filter((kind) => fieldsOf[kind].some((field) => !passwords.has(field) && speaksOf(layer, field)));

const speaksOf = ({values, secrets}: Layer, field: FlagName | SecretName): boolean =>
  ({...values, ...secrets})[field] !== undefined;

const without = (layer: Layer, dropped: readonly Kind[]): Layer =>
  withoutFields(
    layer,
    dropped.flatMap((kind) => fieldsOf[kind]),
  );

function withoutFields(layer: Layer, dropped: readonly (FlagName | SecretName)[]): Layer {
  const left = <T extends object>(fields: T): T =>
    Object.fromEntries(
      Object.entries(fields).filter(([name]) => !dropped.some((field) => field === name)),
    ) as T;
  return {...layer, values: left(layer.values), secrets: layer.secrets && left(layer.secrets)};
}

const hasUserinfo = (urls: unknown): boolean => typeof urls === 'string' && urls.includes('@');

function withoutUrlUser(layer: Layer): Layer {
  const urls = String(layer.values.server)
    .split(',')
    .map((url) => url.replace(/^(\s*[a-z]+:\/\/)?.*@/i, '$1'));
  return {...layer, values: {...layer.values, server: urls.join(',')}};
}
