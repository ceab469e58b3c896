import {ExitCode} from '../../../base/errors.js';
import {duplicateNodeText} from '../../../cluster/read/gather.js';
import {formatPlural} from '../../../output/text/humanize.js';
import {warn} from '../../show/notices.js';
import {showRows} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';
import {gatePresenter, nodePresenter} from './gate-presenters.js';

interface GatesListInput {
  readonly allTypes?: boolean | undefined;
}

export const gatesList: Verb<GatesListInput> = {
  examples: ['gatectl gates list', 'gatectl gates list -o wide', 'gatectl gates list --all-types'],
  declare: (command) => command.option('--all-types', 'list nodes of every type'),
  run: async (context, {allTypes = false}) => {
    const cluster = await context.openReader();
    const nodes = await (allTypes ? cluster.allNodes() : cluster.gates());
    const [kinds, processes] = await Promise.all([
      cluster.kinds(nodes),
      allTypes ? new Map<string, readonly string[]>() : cluster.processes(),
    ]);
    const rows = nodes.map((node) => ({
      ...node,
      kind: kinds.get(node.id),
      processes: processes.get(node.id),
    }));
    await showRows(context, allTypes ? nodePresenter : gatePresenter, rows);
    for (const [gate, several] of processes)
      await warn(context, `id "${gate}" is used by ${duplicateNodeText(several)}`);
    const silent = [...kinds].filter(([, {role}]) => role === 'silent').map(([id]) => id);
    if (silent.length > 0 && silent.length === kinds.size) {
      await warn(context, allTypes ? 'no node answered' : 'no gate answered');
      return ExitCode.unreachable;
    }
    const isMissing = silent.length > 0 && !allTypes; // many modules don't answer what gates do
    if (isMissing)
      await warn(
        context,
        `${silent.length} of ${formatPlural(kinds.size, 'gate')} did not answer (${silent.join(', ')})`,
      );
    const isPartial = isMissing || processes.size > 0;
    return isPartial && !context.outputOptions.allowPartial ? ExitCode.partial : ExitCode.done;
  },
};
