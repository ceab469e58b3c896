import {UsageError} from '../base/errors.js';
import type {Bus} from '../bus/bus.js';
import {parseServerUrls, redactUrls} from '../bus/connect/server-url.js';
import {ConsulRegistry} from './http/consul-registry.js';
import {EtcdRegistry} from './http/etcd-registry.js';
import type {RegistryAccess} from './http/registry-access.js';
import {NatsDiscovery} from './nats/nats-discovery.js';
import type {Registry} from './registry.js';
import {parseStaticList, StaticRegistry} from './static-registry.js';

interface RegistryDeps {
  /** The bus for discovery. */
  readonly bus: Bus;
  /** Credentials and TLS files for etcd and consul. */
  readonly access?: RegistryAccess | undefined;
  /** Called with a message for the operator when etcd or consul becomes unreachable, refuses access, or is back. */
  readonly notice?: ((line: string) => void) | undefined;
}

/**
 * Opens the registry with the given URL: `nats://`, `etcd://host:2379,host2:2379`, `consul://host:8500`,
 * `static:Gate@a=_INBOX.x`. Throws UsageError for an invalid URL.
 */
export function openRegistry(url: string, {bus, access, notice}: RegistryDeps): Registry {
  const scheme = /^([a-z]+):/i.exec(url)?.[1]?.toLowerCase();
  switch (scheme) {
    case 'nats':
      if (!/^nats:(?:\/\/)?$/i.test(url)) parseServerUrls(url); // the bus of --server is used, but the URL must be valid
      return new NatsDiscovery({bus});
    case 'etcd':
    case 'etcds':
      return EtcdRegistry.fromUrl(url, {access, notice});
    case 'static':
      return new StaticRegistry(parseStaticList(url.slice('static:'.length)));
    case 'consul':
    case 'consuls':
      return ConsulRegistry.fromUrl(url, {access, notice});
    default:
      throw new UsageError(`invalid registry "${redactUrls(url)}"`, {
        hint: 'nats://, etcd://host:2379, consul://host:8500 or static:Gate@a=<address>',
      });
  }
}
