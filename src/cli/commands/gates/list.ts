import {ExitCode} from '../../../base/errors.js';
import {duplicateText} from '../../../cluster/read/gather.js';
import {warn} from '../../show/notices.js';
import {showRows} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';
import {gatePresenter} from './gate-presenters.js';

export const gatesList: Verb<object> = {
  examples: ['gatectl gates list', 'gatectl gates list -o wide'],
  declare: (command) => command,
  run: async (context) => {
    const cluster = await context.openReader();
    const [nodes, kinds, processes] = await Promise.all([
      cluster.gates(),
      cluster.kinds(),
      cluster.processes(),
    ]);
    const rows = nodes.map((node) => ({
      ...node,
      kind: kinds.get(node.id),
      processes: processes.get(node.id),
    }));
    await showRows(context, gatePresenter, rows);
    for (const [gate, several] of processes)
      await warn(context, `id "${gate}" is used by ${duplicateText(several)}`);
    if (nodes.length > 0 && nodes.every(({id}) => kinds.get(id)?.role === 'silent')) {
      await warn(context, 'no gate answered');
      return ExitCode.unreachable;
    }
    return processes.size > 0 && !context.outputOptions.allowPartial ? ExitCode.partial : ExitCode.done;
  },
};
