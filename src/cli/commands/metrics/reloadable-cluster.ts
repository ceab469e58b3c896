import {errorMessage} from '../../../base/error-details.js';
import type {ClusterReader} from '../../../cluster/cluster.js';
import type {CommandContext} from '../../command-context.js';
import {resolveClusterOptions} from '../../settings/cluster-options.js';
import {clusterDisplayName, resolveConnectionSettings} from '../../settings/connection-settings.js';
import {notice, noticeAndFlush, warn} from '../../show/notices.js';

/** A cluster connection that `reload` replaces with one that uses the current settings and secrets. */
export class ReloadableCluster {
  private readonly reloaded: ClusterReader[] = [];
  private measuring: Promise<unknown> = Promise.resolve();
  private reloading: Promise<void> = Promise.resolve();

  private constructor(
    private readonly context: CommandContext,
    private cluster: ClusterReader,
  ) {}

  static async open(context: CommandContext): Promise<ReloadableCluster> {
    return new ReloadableCluster(context, await context.openReader({reconnect: true}));
  }

  measure(textOf: (cluster: ClusterReader) => Promise<string>): Promise<string> {
    const text = textOf(this.cluster);
    this.measuring = text.catch(() => {});
    return text;
  }

  /** Reconnects, one reload at a time. If a reload fails, warns and keeps the connection. */
  reload(): Promise<void> {
    this.reloading = this.reloading.then(() =>
      this.reconnected().catch((error: unknown) =>
        warn(this.context, `reload failed, connection kept: ${errorMessage(error)}`),
      ),
    );
    return this.reloading.catch(() => {}); // the warning failed because stderr is closed
  }

  async close(): Promise<void> {
    await this.reloading.catch(() => {});
    for (const cluster of this.reloaded) await cluster.close();
  }

  private async reconnected(): Promise<void> {
    const {flags, deps, contexts, outputOptions} = this.context;
    if (outputOptions.snapshot !== undefined)
      return await notice(this.context, 'reload: snapshots have no connection to reload');
    const settings = await resolveConnectionSettings(flags, deps.env, contexts);
    const fresh = await deps.openCluster({
      ...(await resolveClusterOptions(settings, deps)),
      reconnect: true,
      notice: (line) => void noticeAndFlush(this.context, line),
    });
    const old = this.cluster;
    this.cluster = fresh;
    this.reloaded.push(fresh);
    await this.measuring;
    await old.close();
    await notice(this.context, `reload: reconnected to ${clusterDisplayName(settings)}`);
  }
}
