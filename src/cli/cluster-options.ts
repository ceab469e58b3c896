import type {ClusterOptions} from '../cluster/open-cluster.js';
import {type ConnectionSettings, secretOf} from './connection-options.js';
import type {Host} from './host.js';
import type {Environment} from './layers.js';
import {warnOfLooseFiles} from './loose-files.js';

/** A password is a line, not a file of any size. */
const maxSecretBytes = 64 * 1024;

/** What the cluster room needs to connect; the secrets are read only now. */
export async function clusterOptions(settings: ConnectionSettings, host: Host): Promise<ClusterOptions> {
  const {env, io} = host;
  const {secrets} = settings;
  const readStdin = () => io.in.readAll(maxSecretBytes);
  const {passwordFile, tokenFile, creds, nkey, registryPasswordFile, registryTokenFile} = settings;
  const files = [passwordFile, tokenFile, creds, nkey, registryPasswordFile, registryTokenFile];
  await warnOfLooseFiles(files, io.err);
  return {
    server: settings.server.value,
    registry: settings.registry.value,
    gateType: settings.gateType.value,
    timeoutMs: settings.timeoutMs.value,
    user: settings.user?.value,
    password:
      (await secretOf(settings.passwordFile, env['GATECTL_PASSWORD'] || env['NATS_PASSWORD'], readStdin)) ??
      secrets.password,
    token:
      (await secretOf(settings.tokenFile, env['GATECTL_TOKEN'] || env['NATS_TOKEN'], readStdin)) ??
      secrets.token,
    jwt: secrets.jwt,
    seed: secrets.seed,
    creds: settings.creds?.value,
    nkey: settings.nkey?.value,
    inboxPrefix: settings.inboxPrefix?.value,
    tls: tlsOf(settings),
    registryAccess: await registryAccess(settings, env, readStdin),
  };
}

function tlsOf({tlsCa, tlsCert, tlsKey, tlsFirst}: ConnectionSettings): ClusterOptions['tls'] {
  if ([tlsCa, tlsCert, tlsKey, tlsFirst].every((setting) => setting === undefined)) return undefined;
  return {ca: tlsCa?.value, cert: tlsCert?.value, key: tlsKey?.value, first: tlsFirst?.value};
}

async function registryAccess(
  settings: ConnectionSettings,
  env: Environment,
  readStdin: () => Promise<Uint8Array>,
): Promise<ClusterOptions['registryAccess']> {
  const {registryUser, registryPasswordFile, registryTokenFile, registryCa, registryCert, registryKey} =
    settings;
  const hasTls = [registryCa, registryCert, registryKey].some((setting) => setting !== undefined);
  return {
    user: registryUser?.value,
    password: await secretOf(registryPasswordFile, env['GATECTL_REGISTRY_PASSWORD'], readStdin),
    token: await secretOf(registryTokenFile, env['GATECTL_REGISTRY_TOKEN'], readStdin),
    tls: hasTls ? {ca: registryCa?.value, cert: registryCert?.value, key: registryKey?.value} : undefined,
  };
}
