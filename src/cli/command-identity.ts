/** Effect of a command on a cluster. Read-only mode refuses `write` and `destroy`; `destroy` needs a confirmation. */
export type CommandRisk = 'read' | 'write' | 'destroy';

/** A command's path and risk. */
export interface CommandIdentity {
  /** A noun and a verb, such as `sessions list`, or a verb alone. */
  readonly path: string;
  readonly risk: CommandRisk;
}

/** Nouns that group commands, with their help texts. */
export const commandNouns: Readonly<Record<string, string>> = {
  sessions: 'live sessions on all gates',
  settings: 'settings of a session',
  records: 'stored session records, by uid',
  gates: 'gates of the cluster',
  gate: 'a gate node run by this program',
  addon: 'the Go add-on for mqant gates',
  context: 'contexts: saved connection settings',
  audit: 'the journal of writes',
  snapshot: 'saved listings and their differences',
  plugin: 'commands provided by other programs',
};

/** Aliases for whole commands. */
export const commandAliases: Readonly<Record<string, string>> = {
  ls: 'sessions list',
  show: 'sessions get',
  describe: 'sessions get',
};
