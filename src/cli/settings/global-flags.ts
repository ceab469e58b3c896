/** One flag that every command takes, before or after its verb. */
export interface GlobalFlag {
  readonly name: FlagName;
  /** In commander's notation. */
  readonly flags: string;
  readonly env: string;
  readonly about: string;
  /** Whether a context file may say it, in the same word. */
  readonly inContext?: boolean;
}

export type SwitchName =
  | 'readOnly'
  | 'requireReason'
  | 'tlsFirst'
  | 'yes'
  | 'allowPartial'
  | 'quiet'
  | 'verbose';
export type TextName =
  | 'context'
  | 'natsContext'
  | 'server'
  | 'registry'
  | 'gateType'
  | 'timeout'
  | 'giveUpAfter'
  | 'creds'
  | 'nkey'
  | 'user'
  | 'passwordFile'
  | 'tokenFile'
  | 'inboxPrefix'
  | 'jsDomain'
  | 'jsApiPrefix'
  | 'tlsCa'
  | 'tlsCert'
  | 'tlsKey'
  | 'registryUser'
  | 'registryPasswordFile'
  | 'registryTokenFile'
  | 'registryCa'
  | 'registryCert'
  | 'registryKey'
  | 'output'
  | 'color'
  | 'limit'
  | 'snapshot'
  | 'reason';
export type FlagName = SwitchName | TextName;

/** Everything that can be set for any command. Passwords are not here: argv is for everybody to read. */
export const globalFlags: readonly GlobalFlag[] = [
  {name: 'context', flags: '--context <name>', env: 'GATECTL_CONTEXT', about: 'named connection to use'},
  {
    name: 'natsContext',
    flags: '--nats-context <name>',
    env: 'GATECTL_NATS_CONTEXT',
    about: 'connect as this context of natscli does',
    inContext: true,
  },
  {
    name: 'server',
    flags: '-s, --server <urls>',
    env: 'GATECTL_SERVER',
    about: 'NATS URLs, comma separated',
    inContext: true,
  },
  {
    name: 'registry',
    flags: '--registry <url>',
    env: 'GATECTL_REGISTRY',
    about: 'nats://, etcd://host:2379, consul://host:8500 or static:…',
    inContext: true,
  },
  {
    name: 'gateType',
    flags: '--gate-type <type>',
    env: 'GATECTL_GATE_TYPE',
    about: 'node type of the gates',
    inContext: true,
  },
  {
    name: 'timeout',
    flags: '--timeout <duration>',
    env: 'GATECTL_TIMEOUT',
    about: 'deadline for all gates together (2s)',
    inContext: true,
  },
  {
    name: 'giveUpAfter',
    flags: '--give-up-after <duration>',
    env: 'GATECTL_GIVE_UP_AFTER',
    about: 'end after so long without NATS (reconnect for ever)',
  },
  {
    name: 'creds',
    flags: '--creds <file>',
    env: 'GATECTL_CREDS',
    about: 'NATS credentials file',
    inContext: true,
  },
  {name: 'nkey', flags: '--nkey <file>', env: 'GATECTL_NKEY', about: 'NATS nkey seed file', inContext: true},
  {
    name: 'user',
    flags: '--user <name>',
    env: 'GATECTL_USER',
    about: 'NATS user; password by file or environment',
    inContext: true,
  },
  {
    name: 'passwordFile',
    flags: '--password-file <file>',
    env: 'GATECTL_PASSWORD_FILE',
    about: 'file with the password, - for stdin',
    inContext: true,
  },
  {
    name: 'tokenFile',
    flags: '--token-file <file>',
    env: 'GATECTL_TOKEN_FILE',
    about: 'file with the token, - for stdin',
    inContext: true,
  },
  {
    name: 'inboxPrefix',
    flags: '--inbox-prefix <prefix>',
    env: 'GATECTL_INBOX_PREFIX',
    about: 'prefix of reply subjects, where permissions ask for one',
    inContext: true,
  },
  {
    name: 'jsDomain',
    flags: '--js-domain <domain>',
    env: 'GATECTL_JS_DOMAIN',
    about: 'JetStream domain of jetstream:// stores',
    inContext: true,
  },
  {
    name: 'jsApiPrefix',
    flags: '--js-api-prefix <prefix>',
    env: 'GATECTL_JS_API_PREFIX',
    about: 'subject prefix of the JetStream API',
    inContext: true,
  },
  {
    name: 'tlsCa',
    flags: '--tls-ca <file>',
    env: 'GATECTL_TLS_CA',
    about: 'certificate authority to trust',
    inContext: true,
  },
  {
    name: 'tlsCert',
    flags: '--tls-cert <file>',
    env: 'GATECTL_TLS_CERT',
    about: 'client certificate',
    inContext: true,
  },
  {
    name: 'tlsKey',
    flags: '--tls-key <file>',
    env: 'GATECTL_TLS_KEY',
    about: 'key of the client certificate',
    inContext: true,
  },
  {
    name: 'tlsFirst',
    flags: '--tls-first',
    env: 'GATECTL_TLS_FIRST',
    about: 'TLS before the greeting of the server',
    inContext: true,
  },
  {
    name: 'registryUser',
    flags: '--registry-user <name>',
    env: 'GATECTL_REGISTRY_USER',
    about: 'user of etcd; password by file or environment',
    inContext: true,
  },
  {
    name: 'registryPasswordFile',
    flags: '--registry-password-file <file>',
    env: 'GATECTL_REGISTRY_PASSWORD_FILE',
    about: 'file with its password, - for stdin',
    inContext: true,
  },
  {
    name: 'registryTokenFile',
    flags: '--registry-token-file <file>',
    env: 'GATECTL_REGISTRY_TOKEN_FILE',
    about: 'file with the ACL token of consul, - for stdin',
    inContext: true,
  },
  {
    name: 'registryCa',
    flags: '--registry-ca <file>',
    env: 'GATECTL_REGISTRY_CA',
    about: 'certificate authority of etcd or consul',
    inContext: true,
  },
  {
    name: 'registryCert',
    flags: '--registry-cert <file>',
    env: 'GATECTL_REGISTRY_CERT',
    about: 'client certificate for etcd or consul',
    inContext: true,
  },
  {
    name: 'registryKey',
    flags: '--registry-key <file>',
    env: 'GATECTL_REGISTRY_KEY',
    about: 'key of that certificate',
    inContext: true,
  },
  {
    name: 'output',
    flags: '-o, --output <format>',
    env: 'GATECTL_OUTPUT',
    about: 'table, tsv, wide, json, jsonl, yaml, csv or ids',
  },
  {name: 'color', flags: '--color <when>', env: 'GATECTL_COLOR', about: 'auto, always or never'},
  {name: 'limit', flags: '--limit <count>', env: 'GATECTL_LIMIT', about: 'stop after so many rows'},
  {
    name: 'snapshot',
    flags: '--snapshot <file>',
    env: 'GATECTL_SNAPSHOT',
    about: 'ask a saved snapshot instead of the cluster',
  },
  {
    name: 'readOnly',
    flags: '--read-only',
    env: 'GATECTL_READ_ONLY',
    about: 'refuse everything that writes',
    inContext: true,
  },
  {name: 'yes', flags: '-y, --yes', env: 'GATECTL_YES', about: 'do not ask before destroying'},
  {
    name: 'allowPartial',
    flags: '--allow-partial',
    env: 'GATECTL_ALLOW_PARTIAL',
    about: 'exit 0 though a gate did not answer',
  },
  {
    name: 'reason',
    flags: '--reason <text>',
    env: 'GATECTL_REASON',
    about: 'why, for the journal of writes',
  },
  {
    name: 'requireReason',
    flags: '--require-reason',
    env: 'GATECTL_REQUIRE_REASON',
    about: 'refuse to write without --reason',
    inContext: true,
  },
  {name: 'quiet', flags: '-q, --quiet', env: 'GATECTL_QUIET', about: 'no notices on stderr, only errors'},
  {
    name: 'verbose',
    flags: '-v, --verbose',
    env: 'GATECTL_VERBOSE',
    about: 'more on stderr, whole error texts',
  },
];
