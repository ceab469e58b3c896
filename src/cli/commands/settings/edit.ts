import {ExitCode, SettingsConflictError} from '../../../base/errors.js';
import {editSettings} from '../../../output/settings-edit/edit-settings.js';
import type {StringBag} from '../../../session/session.js';
import {applySettingsEdit, type SettingsEdit} from '../../../session/settings-edit.js';
import type {CommandContext} from '../../command-context.js';
import {EditedFile} from '../../edit/edited-file.js';
import {findEditor} from '../../edit/run-editor.js';
import {addSessionArgument} from '../../line/session-argument.js';
import {notice, warn} from '../../show/notices.js';
import {showChange} from '../../show/show-change.js';
import type {Verb} from '../../verb.js';

interface SettingsEditInput {
  readonly session: string;
  readonly dryRun?: boolean;
}

export const settingsEdit: Verb<SettingsEditInput> = {
  examples: [
    'gatectl settings edit 5f0084b6970dc3',
    'EDITOR="code --wait" gatectl settings edit Gate@a1/5f0084b6970dc3 --reason "ticket 4711"',
  ],
  declare: (command) =>
    addSessionArgument(command)
      .option('--dry-run', 'show the changes; send nothing')
      .addHelpText('after', '\nUses the editor in $VISUAL, or else $EDITOR. Only your changes are sent.'),
  handlesAbort: true, // keeps the operator's text when interrupted
  run: async (context, {session, dryRun = false}) => {
    const {deps, isInteractive} = context;
    const editor = findEditor(deps.env, deps.platform, isInteractive);
    const cluster = await context.openCluster({reconnect: true, ownsTerminal: true});
    const {node, session: before} = await cluster.locate(session, {allowPrefix: context.allowsPrefix});
    const reference = `${node.id}/${before.sessionId}`;
    const send = async (edit: SettingsEdit) => {
      if (dryRun)
        return {node, before, after: {...before, settings: applySettingsEdit(before.settings, edit)}};
      return await cluster.editSettings(reference, edit);
    };
    const save = (edit: SettingsEdit) =>
      orNewestSettings(
        async () => ({saved: await send(edit)}),
        async () => ({now: (await cluster.locate(reference)).session.settings}),
      );
    const file = new EditedFile('settings.jsonc', (path) => deps.edit(editor, path));
    const title = `settings of session ${reference}${before.userId === '' ? '' : `, uid ${before.userId}`}`;
    const open = (text: string) => file.open(text);
    const change = await keepTextOnError(context, file, () =>
      editSettings(before.settings, {title, open, save}),
    );
    if (change !== undefined) return await showChange(context, change, {dryRun});
    await notice(context, 'no changes; nothing was sent');
    return ExitCode.done;
  },
};

/** Sends the edit. On a conflict, returns the current settings instead. */
async function orNewestSettings<T>(
  send: () => Promise<T>,
  newest: () => Promise<{readonly now: StringBag}>,
): Promise<T | {readonly now: StringBag}> {
  try {
    return await send();
  } catch (error) {
    if (!(error instanceof SettingsConflictError)) throw error;
    return await newest();
  }
}

/** Runs `edit` and removes the edited file. On an error, keeps a file that was changed, and prints its path. */
async function keepTextOnError<T>(
  context: CommandContext,
  file: EditedFile,
  edit: () => Promise<T>,
): Promise<T> {
  try {
    const done = await edit();
    await file.remove();
    return done;
  } catch (error) {
    const kept = await file.kept();
    if (kept === undefined) await file.remove();
    else await warn(context, `your edit is saved in ${kept}`);
    throw error;
  }
}
