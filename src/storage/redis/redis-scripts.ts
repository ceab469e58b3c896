/**
 * Each script runs atomically, so that no other client intervenes between read and write. A revision is the SHA-1 of the
 * stored value: equal values have equal revisions, also those that other programs wrote.
 */
export const redisScripts = {
  /**
   * KEYS[1]; ARGV: expected revision or "*", value, TTL in ms (0 for none, "keep" for unchanged), TTL in ms of
   * a new record. A key of another type is never overwritten.
   */
  gatectlPut: {
    numberOfKeys: 1,
    lua: `
      local kind = redis.call('TYPE', KEYS[1]).ok
      if kind ~= 'string' and kind ~= 'none' then return {0, 'a ' .. kind} end
      local found = ''
      if kind == 'string' then found = redis.sha1hex(redis.call('GET', KEYS[1])) end
      if ARGV[1] ~= '*' and ARGV[1] ~= found then return {0, found} end
      local ttl = ARGV[3]
      if ttl == 'keep' and kind == 'none' then ttl = ARGV[4] end
      if ttl == 'keep' then redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
      elseif ttl == '0' then redis.call('SET', KEYS[1], ARGV[2])
      else redis.call('SET', KEYS[1], ARGV[2], 'PX', ttl) end
      return {1, redis.sha1hex(ARGV[2])}`,
  },
  /** KEYS[1]; ARGV: expected revision or "*". */
  gatectlDelete: {
    numberOfKeys: 1,
    lua: `
      local kind = redis.call('TYPE', KEYS[1]).ok
      if kind == 'none' then return {1, ''} end
      local found = 'a ' .. kind
      if kind == 'string' then found = redis.sha1hex(redis.call('GET', KEYS[1])) end
      if ARGV[1] ~= '*' and ARGV[1] ~= found then return {0, found} end
      redis.call('DEL', KEYS[1])
      return {1, found}`,
  },
  /** KEYS[1]; ARGV: expected revision, TTL in ms. */
  gatectlTouch: {
    numberOfKeys: 1,
    lua: `
      local value = redis.call('GET', KEYS[1])
      if not value or redis.sha1hex(value) ~= ARGV[1] then return 0 end
      return redis.call('PEXPIRE', KEYS[1], ARGV[2])`,
  },
} as const;
