/** One flag that every command takes, before or after its verb. */
export interface GlobalFlag {
  readonly name: FlagName;
  /** In commander's notation. */
  readonly flags: string;
  readonly env: string;
  readonly summary: string;
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
  {name: 'context', flags: '--context <name>', env: 'GATECTL_CONTEXT', summary: 'named connection to use'},
  {
    name: 'natsContext',
    flags: '--nats-context <name>',
    env: 'GATECTL_NATS_CONTEXT',
    summary: 'connect as this context of natscli does',
    inContext: true,
  },
  {
    name: 'server',
    flags: '-s, --server <urls>',
    env: 'GATECTL_SERVER',
    summary: 'NATS URLs, comma separated',
    inContext: true,
  },
  {
    name: 'registry',
    flags: '--registry <url>',
    env: 'GATECTL_REGISTRY',
    summary: 'nats://, etcd://host:2379, consul://host:8500 or static:…',
    inContext: true,
  },
  {
    name: 'gateType',
    flags: '--gate-type <type>',
    env: 'GATECTL_GATE_TYPE',
    summary: 'node type of the gates',
    inContext: true,
  },
  {
    name: 'timeout',
    flags: '--timeout <duration>',
    env: 'GATECTL_TIMEOUT',
    summary: 'deadline for all gates together (2s)',
    inContext: true,
  },
  {
    name: 'giveUpAfter',
    flags: '--give-up-after <duration>',
    env: 'GATECTL_GIVE_UP_AFTER',
    summary: 'end after so long without NATS (reconnect for ever)',
  },
  {
    name: 'creds',
    flags: '--creds <file>',
    env: 'GATECTL_CREDS',
    summary: 'NATS credentials file',
    inContext: true,
  },
  {
    name: 'nkey',
    flags: '--nkey <file>',
    env: 'GATECTL_NKEY',
    summary: 'NATS nkey seed file',
    inContext: true,
  },
  {
    name: 'user',
    flags: '--user <name>',
    env: 'GATECTL_USER',
    summary: 'NATS user; password by file or environment',
    inContext: true,
  },
  {
    name: 'passwordFile',
    flags: '--password-file <file>',
    env: 'GATECTL_PASSWORD_FILE',
    summary: 'file with the password, - for stdin',
    inContext: true,
  },
  {
    name: 'tokenFile',
    flags: '--token-file <file>',
    env: 'GATECTL_TOKEN_FILE',
    summary: 'file with the token, - for stdin',
    inContext: true,
  },
  {
    name: 'inboxPrefix',
    flags: '--inbox-prefix <prefix>',
    env: 'GATECTL_INBOX_PREFIX',
    summary: 'prefix of reply subjects, where permissions ask for one',
    inContext: true,
  },
  {
    name: 'jsDomain',
    flags: '--js-domain <domain>',
    env: 'GATECTL_JS_DOMAIN',
    summary: 'JetStream domain of jetstream:// stores',
    inContext: true,
  },
  {
    name: 'jsApiPrefix',
    flags: '--js-api-prefix <prefix>',
    env: 'GATECTL_JS_API_PREFIX',
    summary: 'subject prefix of the JetStream API',
    inContext: true,
  },
  {
    name: 'tlsCa',
    flags: '--tls-ca <file>',
    env: 'GATECTL_TLS_CA',
    summary: 'certificate authority to trust',
    inContext: true,
  },
  {
    name: 'tlsCert',
    flags: '--tls-cert <file>',
    env: 'GATECTL_TLS_CERT',
    summary: 'client certificate',
    inContext: true,
  },
  {
    name: 'tlsKey',
    flags: '--tls-key <file>',
    env: 'GATECTL_TLS_KEY',
    summary: 'key of the client certificate',
    inContext: true,
  },
  {
    name: 'tlsFirst',
    flags: '--tls-first',
    env: 'GATECTL_TLS_FIRST',
    summary: 'TLS before the greeting of the server',
    inContext: true,
  },
  {
    name: 'registryUser',
    flags: '--registry-user <name>',
    env: 'GATECTL_REGISTRY_USER',
    summary: 'user of etcd; password by file or environment',
    inContext: true,
  },
  {
    name: 'registryPasswordFile',
    flags: '--registry-password-file <file>',
    env: 'GATECTL_REGISTRY_PASSWORD_FILE',
    summary: 'file with its password, - for stdin',
    inContext: true,
  },
  {
    name: 'registryTokenFile',
    flags: '--registry-token-file <file>',
    env: 'GATECTL_REGISTRY_TOKEN_FILE',
    summary: 'file with the ACL token of consul, - for stdin',
    inContext: true,
  },
  {
    name: 'registryCa',
    flags: '--registry-ca <file>',
    env: 'GATECTL_REGISTRY_CA',
    summary: 'certificate authority of etcd or consul',
    inContext: true,
  },
  {
    name: 'registryCert',
    flags: '--registry-cert <file>',
    env: 'GATECTL_REGISTRY_CERT',
    summary: 'client certificate for etcd or consul',
    inContext: true,
  },
  {
    name: 'registryKey',
    flags: '--registry-key <file>',
    env: 'GATECTL_REGISTRY_KEY',
    summary: 'key of that certificate',
    inContext: true,
  },
  {
    name: 'output',
    flags: '-o, --output <format>',
    env: 'GATECTL_OUTPUT',
    summary: 'table, tsv, wide, json, jsonl, yaml, csv or ids',
  },
  {name: 'color', flags: '--color <when>', env: 'GATECTL_COLOR', summary: 'auto, always or never'},
  {name: 'limit', flags: '--limit <count>', env: 'GATECTL_LIMIT', summary: 'stop after so many rows'},
  {
    name: 'snapshot',
    flags: '--snapshot <file>',
    env: 'GATECTL_SNAPSHOT',
    summary: 'ask a saved snapshot instead of the cluster',
  },
  {
    name: 'readOnly',
    flags: '--read-only',
    env: 'GATECTL_READ_ONLY',
    summary: 'refuse everything that writes',
    inContext: true,
  },
  {name: 'yes', flags: '-y, --yes', env: 'GATECTL_YES', summary: 'do not ask before destroying'},
  {
    name: 'allowPartial',
    flags: '--allow-partial',
    env: 'GATECTL_ALLOW_PARTIAL',
    summary: 'exit 0 though a gate did not answer',
  },
  {
    name: 'reason',
    flags: '--reason <text>',
    env: 'GATECTL_REASON',
    summary: 'why, for the journal of writes',
  },
  {
    name: 'requireReason',
    flags: '--require-reason',
    env: 'GATECTL_REQUIRE_REASON',
    summary: 'refuse to write without --reason',
    inContext: true,
  },
  {name: 'quiet', flags: '-q, --quiet', env: 'GATECTL_QUIET', summary: 'no notices on stderr, only errors'},
  {
    name: 'verbose',
    flags: '-v, --verbose',
    env: 'GATECTL_VERBOSE',
    summary: 'more on stderr, whole error texts',
  },
];
