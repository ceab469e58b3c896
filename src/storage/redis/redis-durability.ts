import type {Redis} from 'ioredis';
import type {Durability} from '../../session/gate-api.js';

type Asked = Pick<Redis, 'config' | 'info'>;

/**
 * Returns what is lost in a power failure, according to Redis's settings, or to INFO if the settings can't be read.
 */
export async function redisDurability(redis: Asked): Promise<Durability> {
  try {
    const [appendonly, appendfsync, save] = await Promise.all(
      ['appendonly', 'appendfsync', 'save'].map((name) => setting(redis, name)),
    );
    if (appendonly === 'yes')
      return {onDisk: true, powerLoss: `${ofAppending(appendfsync)} (appendfsync ${appendfsync})`};
    if (save !== undefined && save !== '')
      return {
        onDisk: true,
        powerLoss: `a power loss costs writes since the last snapshot (save ${save}, appendonly no)`,
      };
    return nothingKept;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return fromInfo(String(await redis.info('persistence')));
  }
}

const nothingKept: Durability = {
  onDisk: false,
  powerLoss:
    'a restart or a power loss costs every record: Redis keeps nothing on disk (appendonly no, save "")',
};

function ofAppending(appendfsync: string | undefined): string {
  if (appendfsync === 'always') return 'a power loss costs nothing that was acknowledged';
  if (appendfsync === 'everysec') return 'a power loss costs up to a second or two';
  return 'a power loss costs what the system has not written yet, often 30 seconds';
}

/**
 * Returns a setting; undefined if there is none. CONFIG GET returns name and value, or nothing for an unknown name.
 */
async function setting(redis: Asked, name: string): Promise<string | undefined> {
  const answer = (await redis.config('GET', name)) as readonly unknown[];
  return answer[1] === undefined ? undefined : String(answer[1]);
}

/** Returns true for the error if CONFIG is forbidden, renamed or missing, as on hosted Redis. */
const isRefusal = (error: unknown): boolean =>
  error instanceof Error && /NOPERM|unknown command|not allowed|disabled/i.test(error.message);

function fromInfo(info: string): Durability {
  const appends = /^aof_enabled:1/m.test(info);
  const saved = Number(/^rdb_last_save_time:(\d+)/m.exec(info)?.[1] ?? 0);
  const unread = 'CONFIG GET is not permitted';
  if (appends)
    return {
      onDisk: true,
      powerLoss: `a power loss costs what appendfsync allows, which is unknown: ${unread}`,
    };
  const when = saved > 0 ? new Date(saved * 1000).toISOString() : 'unknown';
  return {
    onDisk: true,
    powerLoss: `a power loss costs writes since the last snapshot, ${when} (appendonly no; ${unread})`,
  };
}
