/**
 * Commands, some with flags, that a word known from other tools may mean, most likely first. Verbs of gatectl's own nouns are not
 * listed, because the catalogue has them.
 */
const commandsByWords: Readonly<Record<string, string>> = {
  // reads
  'ls ps who w users clients connections conns online-users query all dir presence netstat active':
    'sessions list',
  'search grep lookup whois locate user uid client player': 'sessions find',
  'show describe inspect view cat read print display see detail details session id sid':
    'sessions get, records get, settings list, gates info, context show',
  which: 'sessions find, context show',
  get: 'gates info, context show',
  hget: 'settings get, records get',
  hgetall: 'settings list, records get',
  'online total sum number size how-many group': 'sessions count',
  'logs log': 'sessions watch, audit list',
  'monitor subscribe sub psubscribe': 'trace, sessions watch',
  events: 'sessions watch, audit list',
  'tail follow stream listen observe': 'sessions watch',
  nats: 'trace, doctor',
  'nodes servers gateways members topology services catalog instances units list-units hosts': 'gates list',
  'modules module': 'gates list --all-types, trace',
  cluster: 'gates list, context show, doctor',
  'bench benchmark speedtest measure traceroute tracert latency rtt alive slow slowest delay roundtrip round-trip response-time':
    'gates ping',
  status: 'doctor, context show, gates info, sessions get',
  'newest latest recent youngest': 'sessions list --sort age:asc',
  'oldest longest': 'sessions list --sort age:desc',
  'stats stat load uptime memory summary overview distribution': 'gates info, metrics',
  'version-info': 'gates info, --version',
  'health healthcheck healthz check diagnose diagnosis diagnostics diag debug test verify problems problem':
    'doctor',
  'troubleshoot analyze analyse validate sanity sanity-check support explain scan selftest self-test errors warnings alerts alarms issues cluster-info report wrong whats-wrong whats what why wtf bugreport failed failing broken unhealthy':
    'doctor',
  'inconsistent consistency inconsistencies mismatch mismatches integrity drift anomaly stale orphans ghosts audit-sessions lint fsck reconcile':
    'anomalies',
  'duplicates duplicate dup dups dupes doubles twice multi multi-login multilogin duplicate-uid duplicated uniq multisession concurrent conflicts double-login':
    'anomalies --checks duplicate-uid',
  'ids keys scan': 'sessions list -o ids',
  uids: 'sessions list --columns uid',
  csv: 'sessions list -o csv',
  json: 'sessions list -o json',
  'ui tui screen gui live': 'dashboard',
  'prometheus prom exporter varz serve scrape openmetrics telemetry monitoring': 'metrics',
  'sniff sniffer wiretap tracing intercept tcpdump wireshark capture spy rpc calls bus traffic tap packets messages call request requests':
    'trace',
  'history journal who-did changes reflog blame activity actions operations auditlog audit-log journalctl last lastlog':
    'audit list',
  'kicks kicked bans': 'audit list --words kick',
  'dump bgsave save snap backup checkpoint stash baseline mysqldump pg_dump state':
    'snapshot save, records export',
  'dump-records': 'records export',
  export: 'snapshot save',
  'compare cmp': 'snapshot diff, records diff, anomalies',
  where: 'sessions find, context show',
  'whoami whereami me pwd current current-context cluster-name conninfo connection settings-in-force':
    'context show',
  'get-contexts remote': 'context list, context show',
  'hexdecode convert translate interpret unpack parse hexdump unmarshal deserialize unserialize unhex xxd bytes hex proto protobuf pb':
    'decode',
  'pack serialize': 'encode',
  'kv props properties attrs attributes data vars': 'settings list',
  // the operator's own files and nodes
  'login signin auth': 'context add',
  connect: 'context use, context add',
  signout: 'context remove',
  'switch select select-context use-context switch-context set-context checkout kubectx cd go open target goto':
    'context use',
  info: 'sessions get, gates info, context show, --version',
  'about ver versions build buildinfo': '--version',
  server: 'gates list, context show',
  'start up gateway': 'gate run, dev',
  'init quickstart playground': 'demo, dev',
  // writes
  'disconnect drop kill close terminate evict eject expel kickout ban logout logoff boot force-logout':
    'sessions kick',
  'cordon quiesce lame-duck lameduck': 'gates drain --no-evict',
  'maintenance maint out-of-service disable evacuate offline pause stop shutdown decommission': 'gates drain',
  'deregister leave ldm isolate suspend': 'gates drain',
  'uncordon undrain enable in-service unpause activate reopen rejoin unisolate': 'gates resume',
  'push publish pub mosquitto_pub notify message msg say tell emit post write deliver send-to': 'send',
  'announce send-all send-to-all push-all bcast all-clients shout wall': 'broadcast',
  hset: 'settings set, records set',
  'hdel untag unlabel unset-setting remove-setting': 'settings unset',
  'put update change modify patch label annotate tag set-setting': 'settings set, records set',
  'rm del destroy purge forget erase wipe unlink': 'records delete, settings unset',
  'clear remove': 'settings unset, records delete',
  'rebind setuid set-uid set-user attach map rename assign give link identify': 'bind',
  'release detach unmap unassign clear-uid unset-uid remove-uid anonymize': 'unbind',
  'restore load-records': 'records import',
  'ttl touch set-ttl setex pexpire expireat persist': 'records expire',
  'rollback revert': 'settings undo',
  'run-plan execute': 'apply',
};

/** Verbs that mean a different command after a noun than on their own. */
const commandsByNounAndWord: Readonly<Record<string, string>> = {
  'sessions delete rm del remove destroy close terminate': 'sessions kick',
  'sessions set update patch edit label annotate': 'settings set',
  'context delete rm del drop destroy forget unset disconnect': 'context remove',
  'sessions unset remove-setting unset-setting': 'settings unset',
  'settings delete del remove clear drop erase': 'settings unset',
  'settings add put update patch assign change': 'settings set',
  'sessions set-uid setuid rebind assign login': 'bind',
  'sessions clear-uid unset-uid remove-uid release detach unassign': 'unbind',
  'sessions expire ttl': 'records expire',
  'sessions audit history': 'audit list',
  'sessions kill drop disconnect evict ban logout logoff stop end purge': 'sessions kick',
  'sessions info inspect details view cat stat dump status': 'sessions get',
  'sessions search locate lookup which whois query grep where-is': 'sessions find',
  'sessions events log logs tail follow stream monitor subscribe': 'sessions watch',
  'sessions stats total number size how-many': 'sessions count',
  'sessions push notify message msg publish pub tell': 'send',
  'sessions settings setting attributes vars': 'settings list',
  'sessions all online active': 'sessions list',
  'sessions newest latest recent last youngest new': 'sessions list --sort age:asc',
  'sessions oldest longest': 'sessions list --sort age:desc',
  'sessions stuck slow blocked backlog queue queues waiting pending hung frozen':
    'sessions top --by waiting --once',
  'records find search lookup query info inspect print read cat fetch': 'records get',
  'records drop purge erase destroy forget wipe clear': 'records delete',
  'records diff compare': 'anomalies, records diff',
  'records check verify reconcile audit consistency orphans drift stale status health': 'anomalies',
  'records ttl expiry expiration expires set-ttl set-expiry pexpire touch persist ex expires-in expire-in expire-after':
    'records expire',
  'sessions diff compare verify reconcile orphans': 'anomalies, records diff, snapshot diff',
  'sessions export dump': 'sessions list -o json, snapshot save',
  'sessions save snapshot backup': 'snapshot save',
  'sessions duplicates duplicate dup dups dupes double doubles twice multi multiple repeated check':
    'anomalies --checks duplicate-uid',
  'gates top load stats describe show': 'gates info',
  'gates status state health check healthcheck': 'gates info, gates list, doctor',
  'gates test bench benchmark probe response-time': 'gates ping, doctor',
  'gates latency rtt slow speed measure time delay': 'gates ping',
  'gates version versions': 'gates info',
  'messages watch tail list follow': 'trace',
  'validate records store sessions': 'anomalies',
  'validate cluster': 'doctor',
  'gates stop down disable maintenance maint pause offline cordon remove rm delete close lock freeze':
    'gates drain',
  'gates suspend shutdown isolate decommission deregister leave forbid block taint unready out':
    'gates drain',
  'gates start up enable uncordon undrain unpause online open unlock unfreeze in activate restore undo':
    'gates resume',
  'gates undeploy reopen allow accept add back ready join return': 'gates resume',
  'gates trace calls traffic': 'trace',
  'drain off undo cancel stop disable end resume uncordon': 'gates resume',
  'maint off end disable stop leave': 'gates resume',
  'maintenance off end disable stop leave': 'gates resume',
  'maint on start enable enter': 'gates drain',
  'maintenance on start enable enter': 'gates drain',
  'describe cluster': 'doctor, gates info',
  'show log logs': 'audit list, sessions watch',
  'check cluster': 'doctor',
  'check all': 'doctor',
  'diagnose cluster': 'doctor',
  'debug cluster': 'doctor',
  'verify cluster': 'doctor',
  'cluster info describe': 'doctor, gates info, context show',
  'cluster current name which': 'context show',
  'cluster use switch select set change connect': 'context use',
  'cluster *': 'context use',
  'use cluster': 'context use',
  'switch cluster': 'context use',
  'change cluster': 'context use',
  'select cluster': 'context use',
  'set cluster': 'context use',
  'connect cluster': 'context use',
  'cluster-info dump': 'snapshot save',
  'env *': 'context use',
  'profile *': 'context use',
  'connection info status show': 'context show',
  'who kicked did changed killed wrote banned': 'audit list',
  'cluster nodes members gates': 'gates list',
  'cluster list ls': 'context list, gates list',
  'cluster dump save snapshot state': 'snapshot save',
  'context use-context set-context set switch select change activate checkout goto go choose pick to default connect':
    'context use',
  'context set-default set-current set-cluster context configurations': 'context use',
  'context current-context view current get info name which my active selected status describe show show-current':
    'context show',
  'which cluster context env': 'context show',
  'what cluster context': 'context show',
  'current cluster context': 'context show',
  'my cluster context': 'context show',
  'server url address': 'context show',
  'context get-contexts get-clusters': 'context list',
  'audit log logs show view history get events search who query trail report tail': 'audit list',
  'kick log logs history list': 'audit list --words kick',
  'kicks log logs history list': 'audit list --words kick',
  'snapshot create take new make add dump write capture start now export': 'snapshot save',
  'snapshot compare with cmp changes': 'snapshot diff',
  'server list ls ps': 'gates list',
  'server ping rtt': 'gates ping',
  'server info': 'gates info, context show',
  'server check report status': 'doctor',
  'latency doctor': 'doctor',
  'slowlog get': 'trace --slow 100ms',
};

/** Commands suggested for a noun without a verb: the listing first, then the most common ones. */
export const commandsByNoun: Readonly<Record<string, readonly string[]>> = {
  sessions: ['sessions list', 'sessions count', 'sessions watch'],
  gates: ['gates list', 'gates info', 'gates ping'],
  gate: ['gates list', 'gates info', 'gate run'],
  context: ['context show', 'context list', 'context use'],
  snapshot: ['snapshot save', 'snapshot list', 'snapshot diff'],
};

/** Commands for a noun and a word, such as `sessions delete`. */
export const commandByNounAndWord: ReadonlyMap<string, string> = new Map(
  Object.entries(commandsByNounAndWord).flatMap(([line, path]) => {
    const [noun = '', ...words] = line.split(' ');
    return words.map((word) => [`${noun} ${word}`, path] as const);
  }),
);

/** Commands for a single word. */
export const commandsByWord: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(commandsByWords).flatMap(([words, paths]) =>
    words.split(' ').map((word) => [word, paths.split(', ')] as const),
  ),
);

/** Verbs that mean `list` when no target follows, as in `get sessions`. */
export const listSynonyms: ReadonlySet<string> = new Set(['get', 'show', 'describe', 'view', 'ls']);

/** Verbs that other tools put before the subject of a read: `show metrics`, `check duplicates`, `watch calls`. */
export const genericReadVerbs: ReadonlySet<string> = new Set([
  ...listSynonyms,
  ...(
    'list check find print display run watch tail follow monitor search inspect dump export cat read count ' +
    'query current logs all any is what which my cluster server info debug explain stream listen events log'
  ).split(' '),
]);

/** Verbs of other tools after a noun. Without a noun, they mean other commands. */
export const verbSynonyms: Readonly<Record<string, string>> = {
  ls: 'list',
  ps: 'list',
  all: 'list',
  dir: 'list',
};

/** Gate states in other tools, and the verbs that they stand for: `node update --availability drain`. */
export const verbByGateState: Readonly<Record<string, string>> = {
  ...{drain: 'drain', draining: 'drain', drained: 'drain', '--drain': 'drain', '--disable': 'drain'},
  ...{active: 'resume', serving: 'resume', '--enable': 'resume', '--resume': 'resume'},
};
