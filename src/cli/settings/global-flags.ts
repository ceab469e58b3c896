import {longFlagOf, toCamelCase} from '../line/flag-names.js';

/** A flag that every command accepts, before or after its verb. */
interface GlobalFlag {
  /** Long form in camel case, without dashes: `readOnly`. */
  readonly name: FlagName;
  /** In commander's notation: `-s, --server <urls>`. */
  readonly notation: string;
  /** `--server`. */
  readonly long: string;
  /** Environment variable: `GATECTL_SERVER`. */
  readonly env: string;
  readonly summary: string;
  /** Whether a context file may contain it, under `name`. */
  readonly inContext: boolean;
}

/** Notation, summary, and `context` if a context file may contain the flag. */
type Row = readonly [notation: string, summary: string, inContext?: 'context'];

/** There are no flags for passwords and tokens, because every user of the machine can read a command line. */
const rows = [
  ['--context <name>', 'use this context'],
  ['--nats-context <name>', 'connect with this natscli context', 'context'],
  ['-s, --server <urls>', 'NATS URLs, comma-separated', 'context'],
  ['--registry <url>', 'nats://, etcd://host:2379, consul://host:8500 or static:…', 'context'],
  ['--gate-type <types>', 'node types of the gates, comma-separated', 'context'],
  ['--stock-store <url>', 'store with the records of stock gates', 'context'],
  ['--stock-tap <duration>', 'find sessions of stock gates on the bus', 'context'],
  ['--timeout <duration>', 'deadline for all gates together (2s)', 'context'],
  ['--give-up-after <duration>', 'exit if NATS is unreachable for this long (never)'],
  ['--creds <file>', 'NATS credentials file', 'context'],
  ['--nkey <file>', 'NATS nkey seed file', 'context'],
  ['--user <name>', 'NATS user; password from a file or the environment', 'context'],
  ['--password-file <file>', 'file with the NATS password; - reads stdin', 'context'],
  ['--token-file <file>', 'file with the NATS token; - reads stdin', 'context'],
  ['--inbox-prefix <prefix>', 'prefix of reply subjects, if permissions require one', 'context'],
  ['--js-domain <domain>', 'JetStream domain of jetstream:// stores', 'context'],
  ['--js-api-prefix <prefix>', 'subject prefix of the JetStream API', 'context'],
  ['--tls-ca <file>', 'certificate authority to trust', 'context'],
  ['--tls-cert <file>', 'client certificate', 'context'],
  ['--tls-key <file>', 'private key of the client certificate', 'context'],
  ['--tls-first', 'start TLS before the server greeting', 'context'],
  ['--registry-user <name>', 'etcd user; password from a file or the environment', 'context'],
  ['--registry-password-file <file>', 'file with the etcd password; - reads stdin', 'context'],
  ['--registry-token-file <file>', 'file with the Consul ACL token; - reads stdin', 'context'],
  ['--registry-ca <file>', 'certificate authority for etcd or Consul', 'context'],
  ['--registry-cert <file>', 'client certificate for etcd or Consul', 'context'],
  ['--registry-key <file>', 'private key of the registry client certificate', 'context'],
  ['-o, --output <format>', 'table, tsv, wide, json, jsonl, yaml, csv or ids'],
  ['--header', 'start tsv output with the column names, as csv does'],
  ['--color <when>', 'auto, always or never'],
  ['--limit <count>', 'stop after this many rows'],
  ['--snapshot <file>', 'read a saved snapshot instead of the cluster'],
  ['--read-only', 'refuse all writes', 'context'],
  ['-y, --yes', 'do not ask for confirmation'],
  ['--allow-partial', 'exit 0 even if a gate did not answer'],
  ['--reason <text>', 'reason for a write, recorded in the journal'],
  ['--require-reason', 'refuse writes without --reason', 'context'],
  ['--protected', "ask for the context's name before a write", 'context'],
  ['-q, --quiet', 'print errors only, no notices; lists print only ids'],
  ['-v, --verbose', 'print full error messages and their causes'],
] as const satisfies readonly Row[];

type Notation = (typeof rows)[number][0];
type WithValue = Extract<Notation, `${string}<${string}`>;
type LongName<N> = N extends `${string}--${infer Name} <${string}`
  ? Name
  : N extends `${string}--${infer Name}`
    ? Name
    : never;
type CamelCase<Name extends string> = Name extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : Name;

/** Flags without a value. */
export type BooleanFlagName = CamelCase<LongName<Exclude<Notation, WithValue>>>;
/** Flags with a value. */
export type TextFlagName = CamelCase<LongName<WithValue>>;
export type FlagName = BooleanFlagName | TextFlagName;

/** Values of global flags by name, from a command line, the environment or a context file. */
export type FlagValues = Readonly<Partial<Record<FlagName, string | boolean>>>;

export const globalFlags: readonly GlobalFlag[] = rows.map(([notation, summary, inContext]: Row) => {
  const long = longFlagOf(notation);
  const name = long.slice('--'.length);
  return {
    name: toCamelCase(name) as FlagName, // the same conversion as in the type
    notation,
    long,
    env: `GATECTL_${name.replaceAll('-', '_').toUpperCase()}`,
    summary,
    inContext: inContext !== undefined,
  };
});
