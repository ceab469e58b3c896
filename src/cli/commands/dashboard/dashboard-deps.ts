import {UsageError} from '../../../base/errors.js';
import type {
  DashboardDeps,
  DashboardOptions,
  HeaderColor,
  JournalRow,
  SwitchableContext,
} from '../../../tui/dashboard-deps.js';
import type {CommandContext} from '../../command-context.js';
import {EditedFile} from '../../edit/edited-file.js';
import {runGuarded} from '../../journal/guarded-run.js';
import {JournalDraft} from '../../journal/journal-draft.js';
import {readJournalEntries} from '../../journal/journal-entries.js';
import {journalEntryJson, journalEntryText} from '../../journal/journal-presenter.js';
import {clusterDisplayName, maskUrlCredentials} from '../../settings/connection-settings.js';
import type {ContextStore} from '../../settings/context-store.js';
import {globalFlags} from '../../settings/global-flags.js';
import {readContextRows} from '../context/list.js';
import {saveCopiedText, writeNewFile} from './dashboard-files.js';
import {createDashboardOutcomeFile} from './dashboard-outcome-file.js';
import {openDashboardStateFile} from './dashboard-state-file.js';

/** Builds the dashboard's dependencies, such as guarded writes, the journal and an editor. */
export function dashboardDeps(
  context: CommandContext,
  options: DashboardOptions,
): Omit<DashboardDeps, 'signal' | 'cluster' | 'configFile'> {
  const {deps, now} = context;
  return {
    options,
    now,
    stateFile: openDashboardStateFile(deps.stateFolder, options.context ?? options.server),
    listContexts: () => listContexts(context.contexts),
    saveCopy: (text) => saveCopiedText(deps.stateFolder, text),
    writeFile: writeNewFile,
    runWrite: async ({path, input, reason}, run) => {
      const entry = context.findCommand(path);
      if (entry === undefined) throw new Error(`unknown command "${path}"`);
      const journalDraft = new JournalDraft();
      const outputOptions = {...context.outputOptions, reason: reason || undefined};
      // the dashboard has asked for confirmation on its own screen
      const asked: CommandContext = {...context, outputOptions, journalDraft, isInteractive: true};
      const guarded = async (begin: () => Promise<void>) => {
        await begin(); // the cluster is already open
        return await run(journalDraft);
      };
      return await runGuarded(entry, asked, input, guarded, 'done');
    },
    riskOf: (words) =>
      [2, 1].flatMap((count) => context.findCommand(words.slice(0, count).join(' ')) ?? [])[0]?.risk,
    runCommand: (words) => runOnTerminal(context, words),
    diagnose: async function* (cluster) {
      const [{diagnose}, {journalFindings}] = await Promise.all([
        import('../doctor/diagnose.js'),
        import('../doctor/doctor.js'),
      ]);
      yield* diagnose({open: async () => cluster, now, readOnly: options.readOnlySource});
      yield* await journalFindings(deps.journal.name);
    },
    createOutcomeFile: (write) => createDashboardOutcomeFile(context, write),
    readJournal: async (limit) =>
      (await readJournalEntries(deps.journal)).slice(-limit).reverse().map(journalRow),
    editText: async (name, work) => {
      const {findEditor} = await import('../../edit/run-editor.js'); // also loads node:child_process
      const editor = findEditor(deps.env, deps.platform, true);
      const file = new EditedFile(name, (path) => deps.edit(editor, path));
      try {
        const done = await work((text) => file.open(text));
        await file.remove();
        return {done};
      } catch (error) {
        const kept = await file.kept();
        if (kept === undefined) await file.remove();
        return {error, kept};
      }
    },
  };
}

/** Runs another gatectl on this terminal, then waits for Enter so that its output can be read. Returns its exit code. */
async function runOnTerminal({deps, io, signal}: CommandContext, words: readonly string[]): Promise<number> {
  const [file = '', ...args] = deps.program;
  const code = await deps.runProgram(file, [...args, ...words], deps.env);
  await io.err.write(`\n(exit code ${code}; press Enter to return to the dashboard)`);
  await io.err.flush();
  await io.in.readLine(signal);
  return code;
}

function journalRow(entry: Awaited<ReturnType<typeof readJournalEntries>>[number]): JournalRow {
  const {id, at} = entry.intent;
  return {id, at: Date.parse(at), ...journalEntryText(entry), entry: journalEntryJson(entry)};
}

/** Returns the options of a dashboard: connection, guards and display choices. */
export async function dashboardOptions(
  context: CommandContext,
  choices: Pick<DashboardOptions, 'clipboard' | 'theme' | 'ascii'>,
): Promise<DashboardOptions> {
  const settings = await context.connection();
  const {server, registry, readOnly, requireReason, contextName} = settings;
  return {
    server: maskUrlCredentials(server.value),
    registry: registry.value.startsWith('static:') ? registry.value : maskUrlCredentials(registry.value),
    context: contextName,
    readOnlySource: readOnly?.source,
    requireReasonSource: requireReason?.source,
    protectedName: settings.protected === undefined ? undefined : clusterDisplayName(settings),
    color: contextName === undefined ? undefined : await frameColorOf(context.contexts, contextName),
    reason: context.outputOptions.reason,
    flags: connectionFlags(context.flags),
    ...choices,
  };
}

async function listContexts(contexts: ContextStore): Promise<readonly SwitchableContext[]> {
  const rows = await readContextRows(contexts);
  return await Promise.all(
    rows.map(async ({name, server, readOnly, protected: isProtected, fault}) => {
      const color = await frameColorOf(contexts, name).catch(() => undefined); // list the context even with an invalid colour
      return {name, server, color, isProtected, isReadOnly: readOnly, fault};
    }),
  );
}

const frameColors: readonly HeaderColor[] = ['red', 'yellow', 'green', 'cyan', 'blue', 'magenta'];

/** Returns the `color` member of a context. Rejects with UsageError if it is not a known colour. */
async function frameColorOf(contexts: ContextStore, name: string): Promise<HeaderColor | undefined> {
  const value = await contexts.colorOf(name);
  const color = frameColors.find((known) => known === value);
  if (value === undefined || color !== undefined) return color;
  throw new UsageError(`context "${name}": unknown color ${JSON.stringify(value)}`, {
    hint: `use one of ${frameColors.join(', ')} in ${contexts.fileOf(name)}`,
  });
}

const nonConnectionFlags = ['output', 'color', 'limit', 'reason', 'yes', 'allowPartial', 'quiet', 'verbose'];

/** Returns the connection flags as typed, for the commands that the dashboard shows. */
function connectionFlags(flags: CommandContext['flags']): readonly string[] {
  const given: Readonly<Record<string, unknown>> = {...flags};
  return globalFlags.flatMap(({name, long}) => {
    const value = given[name];
    if (value === undefined || value === false || nonConnectionFlags.includes(name)) return [];
    if (value === true) return [long];
    return [long, name === 'server' ? maskUrlCredentials(String(value)) : String(value)];
  });
}
