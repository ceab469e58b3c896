import {commandNouns} from '../../command-identity.js';

/** Nouns as other tools write them: singular, plural or abbreviated. */
const nounForms: Readonly<Record<string, string>> = {
  session: 'sessions',
  sess: 'sessions',
  setting: 'settings',
  record: 'records',
  rec: 'records',
  gateway: 'gates',
  gateways: 'gates',
  service: 'gates',
  server: 'gates',
  node: 'gates',
  nodes: 'gates',
  contexts: 'context',
  ctx: 'context',
  snapshots: 'snapshot',
  audits: 'audit',
  config: 'context',
  user: 'sessions',
  users: 'sessions',
  client: 'sessions',
  clients: 'sessions',
  player: 'sessions',
  players: 'sessions',
  uid: 'sessions',
  store: 'records',
  db: 'records',
  database: 'records',
  redis: 'records',
  storage: 'records',
};

/** Returns the noun that a word stands for; undefined for other words. */
export function nounOfSynonym(word: string): string | undefined {
  if (Object.hasOwn(commandNouns, word)) return word;
  return Object.hasOwn(nounForms, word) ? nounForms[word] : undefined;
}
