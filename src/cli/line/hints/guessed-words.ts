/**
 * Words that operators know from other tools, with the commands that they may mean, most likely first. Verbs of gatectl's own
 * nouns are not listed; they are found in the catalogue.
 */
const commandsByWord: Readonly<Record<string, string>> = {
  // reads
  'ls ps who w users clients connections conns online-users query all dir': 'sessions list',
  'search grep lookup whois which locate user uid client player': 'sessions find',
  'show describe inspect view cat read print display see detail details session id sid':
    'sessions get, records get, settings list, gates info, context show',
  get: 'gates info, context show',
  hget: 'settings get, records get',
  hgetall: 'settings list, records get',
  'online total sum number size how-many group': 'sessions count',
  'logs log': 'sessions watch, audit list',
  monitor: 'trace, sessions watch',
  'events tail follow stream listen subscribe sub observe': 'sessions watch',
  'nodes servers gateways members cluster topology': 'gates list',
  'latency rtt alive': 'gates ping',
  status: 'doctor, gates info',
  'stats stat load version-info uptime memory': 'gates info',
  'health healthcheck check diagnose diag debug test verify problems': 'doctor',
  'inconsistent orphans audit-sessions lint fsck': 'anomalies',
  'ui tui screen gui live': 'dashboard',
  'prometheus prom exporter serve': 'metrics',
  'sniff tcpdump capture dump spy rpc calls': 'trace',
  'history journal who-did changes': 'audit list',
  'dump-records backup save': 'records export, snapshot save',
  'config ctx env whoami settings-in-force': 'context show',
  'unpack parse hexdump': 'decode',
  'pack serialize': 'encode',
  'kv props properties attrs attributes data vars': 'settings list',
  // the operator's own files and nodes
  'login signin connect auth profile': 'context add',
  'logout signout': 'context remove',
  'switch select select-context': 'context use',
  info: 'gates info, context show',
  'start server up gateway': 'gate run, dev',
  'init quickstart playground': 'demo, dev',
  // writes
  'disconnect drop kill close terminate evict ban logoff boot': 'sessions kick',
  'cordon maintenance out-of-service disable evacuate': 'gates drain',
  'uncordon undrain enable in-service': 'gates resume',
  'push publish pub mosquitto_pub notify message msg say tell emit post write': 'send',
  'announce send-all all-clients shout wall': 'broadcast',
  hset: 'settings set, records set',
  hdel: 'settings unset',
  'put update change modify patch label annotate assign': 'settings set, records set',
  'rm del destroy purge forget erase': 'records delete, settings unset',
  'clear remove': 'settings unset, records delete',
  'rebind setuid attach map rename': 'bind',
  'release detach unmap': 'unbind',
  'restore load-records': 'records import',
  'ttl touch': 'records expire',
  'rollback revert': 'settings undo',
  'run-plan execute': 'apply',
};

/** Verbs that mean a different command after a noun than on their own. */
const commandsByNounAndWord: Readonly<Record<string, string>> = {
  'sessions delete rm del remove destroy close terminate': 'sessions kick',
  'sessions set update patch edit': 'settings set',
  'records diff': 'anomalies, records diff',
  'gates top load': 'gates info',
  'context use-context': 'context use',
  'context current-context view': 'context show',
  'context get-contexts': 'context list',
};

/** Commands for a noun and a word, such as `sessions delete`. */
export const guessedOfNoun: ReadonlyMap<string, string> = new Map(
  Object.entries(commandsByNounAndWord).flatMap(([line, path]) => {
    const [noun = '', ...words] = line.split(' ');
    return words.map((word) => [`${noun} ${word}`, path] as const);
  }),
);

/** Flags of other tools and their equivalents here, which take the same value. */
export const renamedFlags: Readonly<Record<string, string>> = {
  '--format': '--output',
  '--sort-by': '--sort',
  '--order-by': '--sort',
  '--group-by': '--by',
  '--groupby': '--by',
  '--filter': '--where',
  '--query': '--where',
  '--node': '--gate',
  '-u': '--uid',
  '--user-id': '--uid',
  '--userid': '--uid',
  '--fields': '--columns',
  '--cols': '--columns',
  '--max': '--limit',
  '--lines': '--limit',
  '--count': '--limit',
  '--host': '--server',
  '--url': '--server',
  '--servers': '--server',
  '--request-timeout': '--timeout',
};

/** Commands for a single word. */
export const guessedCommands: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(commandsByWord).flatMap(([words, paths]) =>
    words.split(' ').map((word) => [word, paths.split(', ')] as const),
  ),
);
