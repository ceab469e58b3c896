import path from 'node:path';
import {errorCodeOrText} from '../../../base/error-details.js';
import {OutputError} from '../../../base/errors.js';
import {makePrivateFolder} from '../../../base/files/private-files.js';

import type {BulkOutcomeFile, SelectorBulkWrite} from '../../../tui/dashboard-deps.js';
import {buildMessageWrite} from '../../bulk/message-write.js';
import {OutcomeFile, type OutcomeFileHeader} from '../../bulk/outcome-file.js';
import {actionArguments} from '../../bulk/session-write.js';

import type {CommandContext} from '../../command-context.js';

/**
 * Creates the outcome file of a bulk write from the dashboard, such as
 * `$XDG_STATE_HOME/gatectl/outcomes/kick-20260101T120000123Z.jsonl`. Pass it to `--resume` of the same command.
 */
export async function createDashboardOutcomeFile(
  {deps, now}: Pick<CommandContext, 'deps' | 'now'>,
  write: SelectorBulkWrite,
): Promise<BulkOutcomeFile> {
  const {action, where, targets} = write;
  const at = new Date(now()).toISOString();
  const folder = path.join(deps.stateFolder, 'outcomes');
  const name = path.join(folder, `${action.verb}-${at.replaceAll(/[-:.]/g, '')}.jsonl`);
  await makePrivateFolder(folder).catch((cause: unknown) => {
    throw new OutputError(`cannot create the folder "${folder}": ${errorCodeOrText(cause)}`, {cause});
  });
  const about = detailsOf(write);
  const header: OutcomeFileHeader = {
    version: 1,
    action: action.verb,
    about,
    where,
    at,
    count: targets.length,
  };
  const file = await OutcomeFile.create(name, header, targets);
  return {
    name,
    begin: (some) => file.begin(some),
    add: (outcome) => file.add(outcome, new Date(now()).toISOString()),
    close: () => file.close(),
  };
}

function detailsOf({action}: SelectorBulkWrite): OutcomeFileHeader['about'] {
  if (action.verb !== 'send') return actionArguments(action);
  const {topic, body} = action;
  if (!(body instanceof Uint8Array)) throw new Error('the dashboard sends no templates');
  return buildMessageWrite({topic, bytes: body, template: false, json: false}).about;
}
