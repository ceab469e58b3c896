import type {ClusterOptions} from '../../cluster/gates/open-cluster.js';
import type {CliDeps} from '../cli-deps.js';
import {type ConnectionSettings, readSecret} from './connection-options.js';
import {warnOfReadableSecrets} from './file-permissions.js';

/** Limit for a secret on stdin. */
const maxSecretBytes = 64 * 1024;

/** Converts settings to the options of `openCluster`. Reads the secrets, and warns about secret files that others can read. */
export async function clusterOptions(settings: ConnectionSettings, deps: CliDeps): Promise<ClusterOptions> {
  const {io} = deps;
  const {secrets} = settings;
  const readStdin = () => io.in.readAll(maxSecretBytes);
  const {passwordFile, tokenFile, creds, nkey, registryPasswordFile, registryTokenFile} = settings;
  const files = [passwordFile, tokenFile, creds, nkey, registryPasswordFile, registryTokenFile];
  await warnOfReadableSecrets(files, io.err);
  return {
    server: settings.server.value,
    registry: settings.registry.value,
    gateType: settings.gateType.origin === 'default' ? undefined : settings.gateType.value,
    timeoutMs: settings.timeoutMs.value,
    giveUpAfterMs: settings.giveUpAfterMs?.value,
    user: settings.user?.value,
    password: await readSecret(settings.passwordFile, secrets.password, readStdin),
    token: await readSecret(settings.tokenFile, secrets.token, readStdin),
    jwt: secrets.jwt?.value,
    seed: secrets.seed?.value,
    creds: settings.creds?.value,
    nkey: settings.nkey?.value,
    inboxPrefix: settings.inboxPrefix?.value,
    jsDomain: settings.jsDomain?.value,
    jsApiPrefix: settings.jsApiPrefix?.value,
    tls: tlsOf(settings),
    registryAccess: await registryAccess(settings, readStdin),
  };
}

function tlsOf({tlsCa, tlsCert, tlsKey, tlsFirst}: ConnectionSettings): ClusterOptions['tls'] {
  if ([tlsCa, tlsCert, tlsKey, tlsFirst].every((setting) => setting === undefined)) return undefined;
  return {ca: tlsCa?.value, cert: tlsCert?.value, key: tlsKey?.value, first: tlsFirst?.value};
}

async function registryAccess(
  settings: ConnectionSettings,
  readStdin: () => Promise<Uint8Array>,
): Promise<ClusterOptions['registryAccess']> {
  const {
    registryUser,
    registryPasswordFile,
    registryTokenFile,
    registryCa,
    registryCert,
    registryKey,
    secrets,
  } = settings;
  const hasTls = [registryCa, registryCert, registryKey].some((setting) => setting !== undefined);
  return {
    user: registryUser?.value,
    password: await readSecret(registryPasswordFile, secrets.registryPassword, readStdin),
    token: await readSecret(registryTokenFile, secrets.registryToken, readStdin),
    tls: hasTls ? {ca: registryCa?.value, cert: registryCert?.value, key: registryKey?.value} : undefined,
  };
}
