import {constants, promises as fs} from 'node:fs';
import path from 'node:path';
import {errorCodeOrText} from '../../../base/error-details.js';
import {ExitCode, UsageError} from '../../../base/errors.js';
import {writeObject} from '../../../output/formats/write-rows.js';
import {formatPlural} from '../../../output/text/humanize.js';
import type {CommandContext} from '../../command-context.js';
import {notice} from '../../show/notices.js';
import {showRows} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';
import {diagnose} from './diagnose.js';
import {type Finding, findingPresenter, findingsExitCode, okFinding} from './finding.js';

interface DoctorInput {
  readonly permissions?: boolean;
  readonly bucket?: string;
  readonly strict?: boolean;
}

const help = `
Exit codes: that of the worst failure (8 unreachable, 4 not permitted, 74 journal not writable,
5 two processes share an id, 3 a gate did not answer), else 0. With --strict, a warning exits 1.`;

export const doctor: Verb<DoctorInput> = {
  examples: [
    'gatectl doctor',
    'gatectl doctor --strict -o json',
    'gatectl doctor --permissions --gate-type Gate >operators.conf',
    'gatectl doctor --permissions --bucket sessions >operators.conf',
  ],
  declare: (command) =>
    command
      .option('--permissions', 'print NATS permissions for nodes and roles, without connecting')
      .option('--bucket <name>', 'with --permissions, allow nodes to use jetstream://<name>')
      .option('--strict', 'exit 1 on warnings')
      .addHelpText('after', help),
  run: async (context, {permissions = false, bucket, strict = false}) => {
    if (permissions) return await showPermissions(context, bucket);
    if (bucket !== undefined)
      throw new UsageError('--bucket requires --permissions', {
        hint: 'gatectl doctor --permissions --bucket sessions',
      });
    const findings: Finding[] = [];
    const {now} = context;
    const {readOnly, contextName} = await context.connection();
    const diagnosis = {open: () => context.openCluster(), now, readOnly: readOnly?.source, contextName};
    for await (const finding of diagnose(diagnosis)) findings.push(finding);
    findings.push(...(await journalFindings(context.deps.journal.name)));
    const count = (wanted: Finding['state']) => findings.filter(({state}) => state === wanted).length;
    const about = {ok: count('ok'), warn: count('warn'), fail: count('fail')};
    await showRows(context, findingPresenter, findings, about);
    await notice(
      context,
      `${about.ok} ok, ${formatPlural(about.warn, 'warning')}, ${about.fail} failed; for users that are online twice, old guests, ghosts and other inconsistent sessions and records: gatectl anomalies`,
    );
    return findingsExitCode(findings, strict);
  },
};

async function showPermissions(
  {connection, io, outputOptions}: CommandContext,
  bucket: string | undefined,
): Promise<ExitCode> {
  const {permissionsOfNodes, permissionsOfRoles} = await import('../../../cluster/access/permissions.js');
  const {gateType} = await connection();
  const roles = permissionsOfRoles(gateType.value);
  const nodes = permissionsOfNodes(bucket);
  const {format} = outputOptions;
  if (format === 'json' || format === 'yaml') await writeObject(io.out, {nodes, roles}, format);
  else {
    const {natsUsersConfig} = await import('./nats-users-config.js');
    await io.out.write(natsUsersConfig(nodes, roles));
  }
  return ExitCode.done;
}

/** Checks that the journal is writable, without writing to it. gatectl refuses every write without a journal. */
export async function journalFindings(file: string): Promise<readonly Finding[]> {
  if (!path.isAbsolute(file)) return [];
  const fault = await whyNotWritable(file);
  if (fault === undefined) return [okFinding('journal', file, 'writable')];
  const next = 'writes need a journal: make the file writable, or set GATECTL_JOURNAL';
  const exitCode = ExitCode.outputFailed;
  return [{check: 'journal', subject: file, state: 'fail', detail: fault, next, exitCode}];
}

/** Returns why the file, or its nearest existing parent folder, is not writable; undefined if it is. */
async function whyNotWritable(file: string): Promise<string | undefined> {
  for (let at = file; ; at = path.dirname(at)) {
    try {
      await fs.access(at, constants.W_OK);
      const isFolder = (await fs.stat(at)).isDirectory();
      if (isFolder === (at === file)) return `"${at}" is ${isFolder ? 'a folder' : 'not a folder'}`;
      return undefined;
    } catch (error) {
      const code = errorCodeOrText(error);
      if (code !== 'ENOENT' || at === path.dirname(at)) return `cannot write "${at}": ${code}`;
    }
  }
}
