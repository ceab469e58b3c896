/**
 * Start of each script. A script runs atomically, so no other client intervenes between read and write. The revision
 * is the SHA-1 of the stored value, so equal values have equal revisions, even if other programs wrote them. ARGV[1]
 * is the field in a hash; empty if the key contains a string.
 */
const found = `
  local key, field = KEYS[1], ARGV[1]
  local kind = redis.call('TYPE', key).ok
  local right = field == '' and 'string' or 'hash'
  local value = false
  if kind == right then
    if field == '' then value = redis.call('GET', key) else value = redis.call('HGET', key, field) end
  end
  local found = value and redis.sha1hex(value) or ''`;

export const redisScripts = {
  /**
   * KEYS[1]; ARGV: field, expected revision or "*", value, TTL in ms (0 for none, "keep" for unchanged), TTL of a new
   * record in ms. Never overwrites a key of another type. Keeps a field's TTL (since Redis 7.4), which HSET would
   * drop.
   */
  gatectlPut: {
    numberOfKeys: 1,
    lua: `${found}
      if kind ~= right and kind ~= 'none' then return {0, 'a ' .. kind} end
      if ARGV[2] ~= '*' and ARGV[2] ~= found then return {0, found} end
      local ttl = ARGV[4]
      if ttl == 'keep' and not value then ttl = ARGV[5] end
      if field ~= '' then
        local ends = redis.pcall('HPEXPIRETIME', key, 'FIELDS', 1, field)
        redis.call('HSET', key, field, ARGV[3])
        if ends[1] and ends[1] > 0 then redis.call('HPEXPIREAT', key, ends[1], 'FIELDS', 1, field) end
      elseif ttl == 'keep' then redis.call('SET', key, ARGV[3], 'KEEPTTL')
      elseif ttl == '0' then redis.call('SET', key, ARGV[3])
      else redis.call('SET', key, ARGV[3], 'PX', ttl) end
      return {1, redis.sha1hex(ARGV[3])}`,
  },
  /**
   * KEYS[1]; ARGV: field, expected revision or "*". Also deletes a key of another type, except a hash if only its
   * field is meant.
   */
  gatectlDelete: {
    numberOfKeys: 1,
    lua: `${found}
      if kind == 'none' or (kind == 'hash' and right == 'hash' and not value) then return {1, ''} end
      if kind ~= right then
        found = 'a ' .. kind
        if field ~= '' then return {0, found} end
      end
      if ARGV[2] ~= '*' and ARGV[2] ~= found then return {0, found} end
      if field == '' then redis.call('DEL', key) else redis.call('HDEL', key, field) end
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

/**
 * Reads a page of records in one call. ARGV: field, maximum bytes of a value, maximum bytes of all values, 1 to read
 * expiry times as well, then the keys. Keys are not passed as KEYS, so that each key gets its own error, and so that
 * a cluster's node accepts keys from several slots. Returns for each key its value, its size if it is too large, nil,
 * or an error; with expiry times, followed by the reply to PTTL. Stops early when the values exceed the maximum
 * together.
 */
export const readPageScript = `
  local field, most, budget, timed = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4] == '1'
  local out, size, used = {}, 0, 0
  for at = 5, #ARGV do
    local key, value = ARGV[at], nil
    if field == '' then
      value = redis.pcall('GETRANGE', key, 0, most)
      if value == '' and redis.call('EXISTS', key) == 0 then value = false end
      if type(value) == 'string' and #value > most then value = redis.call('STRLEN', key) end
    else
      value = redis.pcall('HSTRLEN', key, field)
      if type(value) == 'number' and value <= most then value = redis.call('HGET', key, field) end
    end
    out[size + 1] = value
    if timed then out[size + 2] = value and redis.pcall('PTTL', key) end
    size = size + (timed and 2 or 1)
    if type(value) == 'string' then used = used + #value end
    if used > budget then break end
  end
  return out`;
