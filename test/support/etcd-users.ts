import {startEtcd} from './etcd.js';
import type {TestServer} from './servers.js';

export interface EtcdWithUsers extends AsyncDisposable {
  readonly url: string;
  /** Gives the user `root` another password, which makes all tokens old. */
  changePassword(before: string, after: string): Promise<void>;
  restart(): Promise<void>;
}

/** A real etcd that asks for a user: `root`, who may do everything. */
export async function startEtcdWithUsers(password: string): Promise<EtcdWithUsers> {
  const etcd: TestServer = await startEtcd({flags: ['--auth-token', 'simple']});
  const post = async (path: string, body: object, token?: string): Promise<{readonly token?: string}> => {
    const headers: Record<string, string> = token === undefined ? {} : {authorization: token};
    const response = await fetch(`${etcd.url}/v3/auth/${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
    return (await response.json()) as {readonly token?: string};
  };
  await post('user/add', {name: 'root', password});
  await post('role/add', {name: 'root'});
  await post('user/grant', {user: 'root', role: 'root'});
  await post('enable', {});
  return {
    url: etcd.url,
    async changePassword(before, after) {
      const {token} = await post('authenticate', {name: 'root', password: before});
      await post('user/changepw', {name: 'root', password: after}, token);
    },
    restart: () => etcd.restart(),
    [Symbol.asyncDispose]: () => etcd[Symbol.asyncDispose](),
  };
}
