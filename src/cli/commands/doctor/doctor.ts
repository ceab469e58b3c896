import {ExitCode} from '../../../errors.js';
import {writeOne} from '../../../output/write-rows.js';
import type {CommandContext} from '../../context.js';
import {diagnose, type Finding} from '../../diagnose.js';
import {showRows} from '../../present.js';
import {findingSheet} from '../../sheets/finding-sheet.js';
import type {Verb} from '../../verb.js';

export interface DoctorInput {
  readonly permissions?: boolean;
}

export const doctor: Verb<DoctorInput> = {
  examples: ['gatectl doctor', 'gatectl doctor --permissions --gate-type Gate >operators.conf'],
  declare: (command) =>
    command.option('--permissions', 'print what NATS has to permit each role; asks nobody'),
  run: async (context, {permissions = false}) => {
    if (permissions) return await showPermissions(context);
    const findings: Finding[] = [];
    for await (const finding of diagnose(() => context.openCluster(), context.now)) findings.push(finding);
    const count = (wanted: Finding['state']) => findings.filter(({state}) => state === wanted).length;
    const about = {ok: count('ok'), warn: count('warn'), fail: count('fail')};
    await showRows(context, findingSheet, findings, about);
    return findings.find(({state}) => state === 'fail')?.exitCode ?? ExitCode.done;
  },
};

async function showPermissions({connection, io, manners}: CommandContext): Promise<ExitCode> {
  const {permissionsOf, roles} = await import('../../../cluster/permissions.js');
  const {gateType} = await connection();
  const wanted = roles.map((role) => permissionsOf(role, gateType.value));
  const {format} = manners;
  if (format === 'json' || format === 'yaml') await writeOne(io.out, {roles: wanted}, format);
  else {
    const {permissionText} = await import('../../permission-text.js');
    await io.out.write(permissionText(wanted));
  }
  return ExitCode.done;
}
