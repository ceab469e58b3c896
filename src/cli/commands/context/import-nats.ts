import {ExitCode, GatectlError} from '../../../base/errors.js';
import type {Presenter} from '../../../output/formats/presenter.js';
import type {CommandContext} from '../../command-context.js';
import {parseContextName, pickContextFlags} from '../../settings/context-store.js';
import {notice} from '../../show/notices.js';
import {showRows} from '../../show/show-results.js';
import {repeatableParser, type Verb} from '../../verb.js';

interface ContextImportNatsInput {
  readonly name: readonly string[];
}

interface ImportResult {
  readonly name: string;
  readonly state: 'imported' | 'kept' | 'failed';
  readonly detail: string;
}

const importedPresenter: Presenter<ImportResult> = {
  columns: [
    {header: 'NAME', cell: ({name}) => name},
    {header: 'STATE', cell: ({state}) => state},
    {header: 'DETAIL', cell: ({detail}) => detail},
  ],
  record: (row) => ({...row}),
  id: ({name}) => name,
};

export const contextImportNats: Verb<ContextImportNatsInput> = {
  examples: [
    'gatectl context import-nats',
    'gatectl context import-nats prod --registry etcd://10.0.0.2:2379 --require-reason',
  ],
  declare: (command) =>
    command.argument('[name...]', 'natscli contexts (default: all)', repeatableParser(String)),
  run: async (context, {name: names = []}) => {
    const {contexts} = context;
    const wanted = names.length > 0 ? names : await contexts.natsContexts();
    if (wanted.length === 0)
      await notice(context, 'no natscli contexts found; to list them: nats context ls');
    const existing = new Set(await contexts.list());
    const rows: ImportResult[] = [];
    for (const name of wanted) rows.push(await importOne(context, name, existing.has(name)));
    await showRows(context, importedPresenter, rows);
    return rows.some(({state}) => state === 'failed') ? ExitCode.usage : ExitCode.done;
  },
};

/** Saves a context that refers to a natscli context, with the connection flags given. Secrets stay in natscli's file. */
async function importOne(context: CommandContext, name: string, exists: boolean): Promise<ImportResult> {
  if (exists) return {name, state: 'kept', detail: `context "${name}" already exists`};
  const {contexts, flags} = context;
  try {
    parseContextName(name);
    await contexts.natsContext(name); // throws if gatectl cannot use it
    await contexts.save(name, {...pickContextFlags(flags), natsContext: name});
    return {name, state: 'imported', detail: contexts.fileOf(name)};
  } catch (error) {
    if (!(error instanceof GatectlError)) throw error;
    return {name, state: 'failed', detail: error.message};
  }
}
